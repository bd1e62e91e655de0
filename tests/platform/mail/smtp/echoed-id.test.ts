import { expect, test } from '@jest/globals';
import { toWireContent, type SendRequest } from '../../../../src/platform/mail/message.js';
import { withEchoedId } from '../../../../src/platform/mail/smtp/echoed-id.js';

const ID = 'a'.repeat(60) + 'b'.repeat(22);

function request(raw: string, later = false): SendRequest {
  const message = {
    envelope: { from: 'a@lantern.example', to: 'b@example.com' },
    content: toWireContent(Buffer.from(raw)),
  };
  return { message: () => (later ? Promise.resolve(message) : message), beforeFinalDot: () => true };
}

async function sent(
  provider: Parameters<typeof withEchoedId>[1],
  raw: string,
  later = false,
): Promise<string> {
  const content = (await withEchoedId(request(raw, later), provider).message())?.content;
  const text = Buffer.concat((content?.chunks ?? []).map((chunk) => Buffer.from(chunk))).toString();
  expect(content?.length).toBe(Buffer.byteLength(text));
  return text;
}

const mail = (id: string) =>
  `Subject: Harbour\r\nMessage-ID:${id}\r\n\r\nMessage-ID: <other@example.com>\r\n`;

test('Postmark is told to keep Message-ID, and to tell it again in two values that are short enough', async () => {
  for (const later of [false, true])
    expect(await sent('postmark', mail(` <${ID}@lantern.example>`), later)).toBe(
      `X-PM-KeepID: true\r\nX-PM-Metadata-message-id-1: ${'a'.repeat(60)}\r\nX-PM-Metadata-message-id-2: ${'b'.repeat(22)}\r\n` +
        mail(` <${ID}@lantern.example>`),
    );
});

test('Brevo is told our Message-ID too, also where its header is folded', async () => {
  const raw = mail(`\r\n <${ID}@lantern.example>`);
  expect(await sent('brevo', raw)).toBe(`X-Mailin-custom: ${ID}\r\n${raw}`);
});

test('others are sent the mail as it is, and so is one without a Message-ID', async () => {
  for (const provider of ['ses', 'mailgun', 'sendgrid', undefined] as const)
    expect(await sent(provider, mail(` <${ID}@lantern.example>`))).toBe(mail(` <${ID}@lantern.example>`));
  const raw = 'Subject: Harbour\r\n\r\nMessage-ID: <other@example.com>\r\n';
  expect(await sent('postmark', raw)).toBe(raw);
});

test('a mail that is withdrawn stays so', async () => {
  const withdrawn = { ...request(''), message: () => undefined };
  expect(await withEchoedId(withdrawn, 'postmark').message()).toBeUndefined();
});
