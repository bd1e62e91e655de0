import { listenForMail } from '../../../src/events/inbound/listen.js';
import { receiveMail } from '../../../src/events/inbound/receive-mail.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { ReceivedMail } from '../../../src/platform/mail/inbound/inbound-mail.js';
import { findFreePort } from '../../../src/platform/process/free-port.js';
import type { Subscription } from '../../../src/subscribers/subscription.js';
import { addArticles, addReader, advanceAndRunJobs, resetTestApp } from '../../support/fixtures.js';
import { openSmtpDialogue } from '../../support/smtp-dialogue.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

export const DOMAIN = 'bounce.lantern.example';

/** The application with a listener for what comes back, and a digest that Ada was sent. */
export type InboundApp = {
  app: TestApp;
  ada: Subscription;
  /** Ada's digest, as its server got it. */
  sent: { from: string; raw: string };
  /** Hands a mail to the listener; returns the reply to its recipient, or to its final dot. */
  send(to: string, text: string, from?: string): Promise<string>;
  ingest(mail: Partial<ReceivedMail> & { text?: string }): Promise<unknown>;
  mails(): Promise<{ source: string; state: string; reason: string | null }[]>;
  events(): Promise<unknown[]>;
  /** Begins anew. */
  reset(): Promise<void>;
  close(): Promise<void>;
};

export async function openInboundApp(): Promise<InboundApp> {
  const settings = { BOUNCE_DOMAIN: DOMAIN, INBOUND_PORT: String(await findFreePort()) };
  const app = await openTestApp({ settings });
  const listener = await listenForMail(app.context);
  if (listener === undefined) throw new Error('It does not listen');
  const { db } = app.context;
  const inbound: InboundApp = {
    app,
    ...(await sendDigest(app)),
    send: (to, text, from) => sendMail(listener.port, { to, text, from: from ?? '' }),
    ingest: ({ text = '', ...mail }) =>
      receiveMail(app.context, {
        source: 'file',
        raw: Buffer.from(text),
        envelopeFrom: null,
        envelopeTo: [],
        ...mail,
      }),
    mails: () => db.many(sql`select source, state, reason from inbound_mails order by id`),
    events: () => db.many(sql`select source, class, status, match, subscription_id from events order by id`),
    reset: async () => {
      await resetTestApp(app);
      Object.assign(inbound, await sendDigest(app));
    },
    close: async () => {
      await listener.stop();
      await app.close();
    },
  };
  return inbound;
}

async function sendDigest(app: TestApp): Promise<Pick<InboundApp, 'ada' | 'sent'>> {
  const publication = await app.createPublication({ replyTo: 'editor@lantern.example' });
  const ada = await addReader(app, publication, 'ada@example.com');
  await addArticles(app, publication, 'Harbour');
  await app.runDueJobs();
  await advanceAndRunJobs(app, 0);
  const [message] = app.smtp.messages.splice(0);
  if (message === undefined) throw new Error('No digest was sent');
  return { ada, sent: { from: message.from, raw: message.raw.toString() } };
}

async function sendMail(port: number, { to, text, from }: Record<'to' | 'text' | 'from', string>) {
  const client = await openSmtpDialogue(port);
  try {
    await client.say('EHLO mx.example');
    await client.say(`MAIL FROM:<${from}>`);
    const reply = await client.say(`RCPT TO:<${to}>`);
    return reply.startsWith('250') ? await client.sendData(text) : reply;
  } finally {
    client.close();
  }
}

/** A report as Postfix writes it. */
export function bounceReport(
  sent: InboundApp['sent'],
  { status = '5.1.1', recipient = 'ada@example.com', to = sent.from } = {},
): string {
  const headers = sent.raw.slice(0, sent.raw.indexOf('\r\n\r\n')).replaceAll('\r\n', '\n');
  return `From: MAILER-DAEMON@mx.example
To: ${to}
Subject: Undelivered Mail Returned to Sender
Date: Sun, 22 Nov 2026 09:00:00 +0000
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ${recipient}
Action: failed
Status: ${status}
Diagnostic-Code: smtp; 550 ${status} <${recipient}>: no such user

--b
Content-Type: text/rfc822-headers

${headers}

--b--`;
}
