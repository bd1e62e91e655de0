import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listenForMail } from '../../src/events/inbound/listen.js';
import { readOwnLog } from '../../src/events/own-log.js';
import { sql } from '../../src/platform/db/sql.js';
import { findFreePort } from '../../src/platform/process/free-port.js';
import type { SmtpListener } from '../../src/platform/mail/inbound/smtp-listener.js';
import { addArticles, addReaders } from '../support/fixtures.js';
import { subscriptionOf } from '../support/reader-actions.js';
import { openSmtpDialogue } from '../support/smtp-dialogue.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { dovecotMissing, startDovecot, type TestDovecot } from '../support/test-dovecot.js';
import { postfixMissing, startPostfix, type TestPostfix } from '../support/test-postfix.js';
import { waitUntil } from '../support/wait-until.js';

const DOMAIN = 'bounce.lantern.example';
const READERS = ['delayed', 'hard', 'policy', 'soft', 'well'];

/** What Postfix does with mail that waits, within seconds instead of days. */
const HURRY = 'delay_warning_time = 2s\nmaximal_queue_lifetime = 25s\n';

/** The lines that docs/mail-server.md has for a way in, with the domain and the port of this test. */
function documentedLines(heading: string, port = 0): string {
  const docs = readFileSync('docs/mail-server.md', 'utf8');
  const lines = /```\n([^`]+)```/.exec(docs.slice(docs.indexOf(heading)))?.[1] ?? '';
  expect(lines).toContain('bounce.example.com');
  return lines.replaceAll('bounce.example.com', DOMAIN).replaceAll('2525', String(port));
}

/** Sends one digest to five readers, whose server says something else of each after Postfix has taken all of them. */
async function sendDigest(app: TestApp): Promise<void> {
  let hasWarned = false;
  const replies: Record<string, () => string | undefined> = {
    'hard@example.com': () => '550 5.1.1 <hard@example.com>: Recipient address rejected: User unknown',
    'policy@example.com': () => '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked',
    'soft@example.com': () => '452 4.2.2 <soft@example.com>: Mailbox full',
    'delayed@example.com': () => (hasWarned ? undefined : '451 4.3.2 Please try again later'),
  };
  app.smtp.setScript((stage, address) => (stage === 'rcpt' ? replies[address]?.() : undefined));
  const publication = await app.createPublication();
  await addReaders(
    app,
    publication,
    READERS.map((name) => `${name}@example.com`),
  );
  await addArticles(app, publication, 'Harbour');
  await waitUntil(async () => {
    await app.runDueJobs();
    hasWarned ||= (await eventsOf(app, 'delayed')).includes('delayed');
    const all = await Promise.all(['hard', 'policy', 'soft', 'delayed'].map((name) => eventsOf(app, name)));
    const isOver = all[0]?.length === 1 && all[1]?.length === 1 && all[2]?.includes('soft');
    return isOver === true && hasWarned && app.smtp.messages.some(({ to }) => to === 'delayed@example.com');
  }, 90_000);
}

async function eventsOf({ context }: TestApp, name: string): Promise<string[]> {
  const rows = await context.db.many<{ class: string }>(sql`
    select e.class
      from events e
      join subscriptions s on s.id = e.subscription_id
      join subscribers p on p.id = s.subscriber_id
     where p.email = ${`${name}@example.com`}
       and e.match = 'delivery'
     order by e.id
  `);
  return rows.map((row) => row.class);
}

/** Of a digest that Postfix accepted for all of them. */
async function expectStates(app: TestApp, source: 'smtp' | 'imap'): Promise<void> {
  const { db, hashAddress } = app.context;
  const accepted = await db.many<{ state: string }>(sql`select state from deliveries`);
  expect(accepted.map(({ state }) => state)).toEqual(READERS.map(() => 'accepted'));
  expect(await eventsOf(app, 'hard')).toEqual(['hard']);
  expect(await eventsOf(app, 'policy')).toEqual(['sender-fault']);
  expect(await eventsOf(app, 'soft')).toEqual(['delayed', 'soft']);
  expect(await eventsOf(app, 'delayed')).toEqual(['delayed']);
  expect(await eventsOf(app, 'well')).toEqual([]);
  const log: Record<string, string | undefined> = {};
  for (const name of READERS) {
    const [entry] = await readOwnLog(app.context, await subscriptionOf(app, `${name}@example.com`));
    log[name] = entry?.status;
  }
  expect(log).toEqual({
    ...{ delayed: 'accepted', well: 'accepted' },
    ...{ hard: 'laterNoMailbox', policy: 'laterRefused', soft: 'laterMailboxFull' },
  });
  const suppressed = await db.many<{ addressHash: Buffer; reason: string }>(
    sql`select address_hash, reason from suppressions`,
  );
  expect(suppressed).toEqual([{ addressHash: hashAddress('hard@example.com'), reason: 'bounced' }]);
  const sources = await db.many<{ source: string }>(sql`select distinct source from inbound_mails`);
  expect(sources).toEqual([{ source }]);
  const mails = await db.many(sql`select distinct state, reason from inbound_mails`);
  expect(mails).toEqual([{ state: 'recorded', reason: null }]);
}

const titled = (name: string, missing: string | undefined) =>
  missing === undefined ? name : `${name} (skipped: ${missing})`;

(postfixMissing === undefined ? describe : describe.skip)(
  titled('through a Postfix that hands what comes back to the listener', postfixMissing),
  () => {
    let app: TestApp;
    let postfix: TestPostfix;
    let listener: SmtpListener | undefined;

    beforeAll(async () => {
      const port = await findFreePort();
      app = await openTestApp({
        isClockRunning: true,
        settings: { BOUNCE_DOMAIN: DOMAIN, INBOUND_PORT: String(port) },
        mailServer: async (smtp) => {
          const settings = HURRY + documentedLines('## What comes back, through your own Postfix', port);
          postfix = await startPostfix({ relayPort: smtp.port, settings });
          return `smtp://127.0.0.1:${postfix.port}`;
        },
      });
      listener = await listenForMail(app.context);
    }, 60_000);
    afterAll(async () => {
      await listener?.stop();
      await app.close();
      await postfix.stop();
    });

    test('each reader ends in the state that her server’s answer calls for', async () => {
      await sendDigest(app);
      await expectStates(app, 'smtp');
      await waitUntil(() => postfix.queue().includes('empty'));
    }, 120_000);

    test('Postfix takes no mail for an address that Paperround did not make, and so has none to send back', async () => {
      const client = await openSmtpDialogue(postfix.port);
      await client.say('EHLO stranger.example');
      await client.say('MAIL FROM:<victim@stranger.example>');
      const ask = () => client.say(`RCPT TO:<${'a'.repeat(40)}@${DOMAIN}>`);
      expect(await ask()).toMatch(/^450 4\.1\.1 /);
      // By now Postfix has asked, and knows.
      expect(await waitUntil(async () => /unverified address.* no such address/.test(await ask()))).toBe(
        true,
      );
      client.close();
      expect(postfix.queue()).toContain('empty');
    }, 60_000);
  },
);

const imapMissing = postfixMissing ?? dovecotMissing;
(imapMissing === undefined ? describe : describe.skip)(
  titled('through a Postfix that puts what comes back into a mailbox of Dovecot', imapMissing),
  () => {
    let app: TestApp;
    let postfix: TestPostfix;
    let dovecot: TestDovecot;

    beforeAll(async () => {
      dovecot = await startDovecot();
      app = await openTestApp({
        isClockRunning: true,
        settings: {
          BOUNCE_DOMAIN: DOMAIN,
          IMAP_URL: `imap://bounces:secret@127.0.0.1:${dovecot.port}/INBOX`,
        },
        mailServer: async (smtp) => {
          const { uid, maildir } = dovecot;
          const base = maildir.slice(0, -'/bounces'.length);
          const owner = `virtual_mailbox_base = ${base}\nvirtual_uid_maps = static:${uid}\nvirtual_gid_maps = static:${uid}\n`;
          const settings = `${HURRY}${owner}${documentedLines('### In a mailbox')}`;
          postfix = await startPostfix({ relayPort: smtp.port, settings });
          return `smtp://127.0.0.1:${postfix.port}`;
        },
      });
    }, 60_000);
    afterAll(async () => {
      await app.close();
      await postfix.stop();
      await dovecot.stop();
    });

    test('each reader ends in the same state', async () => {
      const polling = setInterval(() => void app.handlers['poll-mailbox']({}), 1_000);
      try {
        await sendDigest(app);
      } finally {
        clearInterval(polling);
      }
      await expectStates(app, 'imap');
    }, 120_000);
  },
);
