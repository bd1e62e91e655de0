import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';
import { composeMessage } from '../../../../src/platform/mail/mime/compose.js';
import { composeTemplate } from '../../../../src/platform/mail/mime/compose-template.js';
import { relaxBody } from '../../../../src/platform/mail/dkim/canonical-body.js';
import { escapeHtml } from '../../../../src/platform/text/escape-html.js';
import type { Mail } from '../../../../src/platform/mail/mime/mail.js';
import { toWireContent } from '../../../../src/platform/mail/message.js';
import { fillTemplate, parseTemplate } from '../../../../src/platform/mail/mime/message-template.js';
import { fillPlaceholders } from '../../../../src/platform/mail/mime/placeholder.js';
import {
  normalizeLineEnds,
  normalizeWhitespace,
  arbitraryMails,
  type ArbitraryMail,
  type PlaceholderValues,
} from './arbitrary-mails.js';

const RUNS = { numRuns: 100 };

const fill = ({ mail, values }: ArbitraryMail) =>
  fillTemplate(parseTemplate(composeTemplate(mail), 'en'), values);
const filled = (hard: ArbitraryMail) => Buffer.concat(fill(hard).chunks);

/** The mail as it would be composed for one reader alone. */
function forOne({ mail, values }: ArbitraryMail): Mail {
  const valueOf = (name: string) => normalizeLineEnds(values[name as keyof PlaceholderValues]);
  return {
    ...mail,
    to: { address: values.email },
    messageId: values.messageId,
    text: fillPlaceholders(normalizeLineEnds(mail.text), valueOf),
    html: fillPlaceholders(normalizeLineEnds(mail.html), (name) => escapeHtml(valueOf(name))),
    headers: mail.headers.map(({ name, value }) => ({ name, value: fillPlaceholders(value, valueOf) })),
  };
}

async function byPostalMime(raw: Buffer) {
  const { headers, from, to, replyTo, subject, messageId, date, ...email } = await PostalMime.parse(raw);
  return {
    names: headers.map(({ key }) => key).toSorted(),
    list: headers.filter(({ key }) => key.startsWith('list-')).map(({ key, value }) => [key, value]),
    people: [from, to, replyTo],
    said: [normalizeWhitespace(from?.name), normalizeWhitespace(subject), messageId, date],
    recipients: to?.length,
    parts: [...wordsOf(email.text, email.html), email.attachments.length],
  };
}

async function byMailparser(raw: Buffer) {
  const options = { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true };
  const email = await simpleParser(raw, options);
  const to = [email.to ?? []].flat().flatMap(({ value }) => value);
  return {
    names: email.headerLines.map(({ key }) => key).toSorted(),
    list: email.headers.get('list'),
    people: [email.from?.value, to, email.replyTo?.value],
    said: [
      normalizeWhitespace(email.from?.value[0]?.name),
      normalizeWhitespace(email.subject),
      email.messageId,
      email.date?.toISOString(),
    ],
    recipients: to.length,
    parts: [...wordsOf(email.text, email.html || undefined), email.attachments.length],
  };
}

/** Parsers differ on line breaks at the end. Of HTML, what it shows: a mail to many has it in another form. */
function wordsOf(text: string | undefined, html: string | undefined): string[] {
  return [normalizeLineEnds(text).replace(/\n*$/, ''), shownBy(html)];
}

/** Runs of white space are one blank, references to other letters than ASCII are these letters, and control codes a sign. */
function shownBy(html: string | undefined): string {
  return normalizeLineEnds(html)
    .replace(/[^\P{Cc}\t\n\f\r]/gu, '\ufffd')
    .replace(/&#(\d+);/g, (reference, code: string) =>
      Number(code) > 126 || Number(code) <= 32 ? String.fromCodePoint(Number(code)) : reference,
    )
    .replace(/[\t\n\f\r ]+/g, ' ')
    .trim();
}

test.each([
  ['postal-mime', byPostalMime],
  ['mailparser', byMailparser],
])(
  '%s reads a message filled from a template as it was written, and as one composed alone',
  async (_name, parse) => {
    await fc.assert(
      fc.asyncProperty(arbitraryMails, async (hard) => {
        const alone = forOne(hard);
        const many = await parse(filled(hard));
        expect(many).toEqual(await parse(await composeMessage(alone)));
        expect(many).toMatchObject({ recipients: 1, parts: [...wordsOf(alone.text, alone.html), 0] });
        const said = [
          normalizeWhitespace(alone.from.name),
          normalizeWhitespace(alone.subject),
          alone.messageId,
          alone.date.toISOString(),
        ];
        expect(many.said).toEqual(said);
      }),
      RUNS,
    );
  },
);

test('whatever is in a mail, its bytes need no change for SMTP or for a signature', () => {
  fc.assert(
    fc.property(arbitraryMails, (hard) => {
      const content = fill(hard);
      const raw = Buffer.concat(content.chunks);
      expect(raw).toHaveLength(content.length);
      expect(Buffer.concat(toWireContent(raw).chunks).equals(raw)).toBe(true);
      const source = raw.toString('latin1');
      const end = source.indexOf('\r\n\r\n');
      expect(source.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]/);
      expect(source).not.toMatch(/^\./m);
      expect(longestLine(source.slice(0, end))).toBeLessThanOrEqual(998);
      const body = source.slice(end + 4);
      expect(longestLine(body)).toBeLessThanOrEqual(998);
      for (const part of body.split(/^--=_.*$/m).filter((one) => one.includes('quoted-printable')))
        expect(longestLine(part)).toBeLessThanOrEqual(76);
      expect(body).not.toMatch(/\t| {2}| \r\n|[^\r\n -~]|\r\n\r\n$/);
      expect(body).toMatch(/\r\n$/);
      expect(relaxBody([Buffer.from(body, 'latin1')]).toString('latin1')).toBe(body);
      // No line of a part can be this: quoted-printable has nothing but hexadecimal digits behind "=", and no 7bit part has it.
      expect(source).toMatch(/boundary="=_/);
      expect(source.match(/^Content-Type: .*$/gm)).toEqual([
        expect.stringMatching(/^Content-Type: multipart\/alternative;/),
        'Content-Type: text/plain; charset=utf-8',
        'Content-Type: text/html; charset=utf-8',
      ]);
    }),
    RUNS,
  );
});

function longestLine(source: string): number {
  return Math.max(...source.split('\r\n').map(({ length }) => length));
}
