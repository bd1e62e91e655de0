import { chownSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { describeHealth } from '../../../src/dashboard/health-items.js';
import { readHealth } from '../../../src/dashboard/health.js';
import { readTrouble } from '../../../src/dashboard/trouble.js';
import { listCauses } from '../../../src/deliveries/alerts/causes.js';
import { pollMailbox } from '../../../src/events/inbound/poll-mailbox.js';
import type { Context } from '../../../src/platform/context.js';
import { sql } from '../../../src/platform/db/sql.js';
import { DAY_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { MAX_INBOUND_BYTES } from '../../../src/platform/mail/inbound/inbound-mail.js';
import { holdMail, readInstallation } from '../../../src/platform/restore/installation.js';
import { listPublications } from '../../../src/publications/reads.js';
import { resetTestApp } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { dovecotMissing, startDovecot, type TestDovecot } from '../../support/test-dovecot.js';
import { createMemoryLog } from '../../workers/test-worker.js';

let app: TestApp;

beforeAll(async () => {
  app = await openTestApp({
    // The dates of files are those of this machine.
    now: new Date(),
    settings: { BOUNCE_DOMAIN: 'bounce.lantern.example', IMAP_URL: 'imap://bounces:secret@127.0.0.1:9' },
  });
});
beforeEach(() => resetTestApp(app));
afterAll(() => app.close());

const withUrl = (imapUrl: string): Context => ({
  ...app.context,
  config: { ...app.context.config, imapUrl },
});
const mailbox = () =>
  app.context.db.maybe<{ failure: string | null; lastUid: number }>(
    sql`select failure, last_uid from mailboxes`,
  );
const causes = async () => (await listCauses(app.context.db, app.context.now())).map(({ kind }) => kind);

/** The area of the Health page, which `doctor` prints too. */
async function inboundHealth(context: Context) {
  const publications = await listPublications(context.db);
  const wording = { ...context, now: context.now(), formatTime: String, resume: () => '', publications };
  const areas = describeHealth(await readHealth(context, publications), wording);
  return areas.find(({ id }) => id === 'inbound')?.items ?? [];
}

describe('a server that does not answer', () => {
  test('is told on the Health page at once, and mailed about after ten minutes', async () => {
    await app.createPublication();
    const { log, lines } = createMemoryLog();
    const context = { ...app.context, log };
    for (let at = 0; at < 2; at++) await pollMailbox(context);
    expect(lines.map(({ event }) => event)).toEqual(['mailbox.unreadable']);
    expect(JSON.stringify(lines)).not.toContain('secret');
    expect(await mailbox()).toEqual({ failure: 'connection', lastUid: 0 });
    expect(await inboundHealth(context)).toMatchObject([{ title: 'Bounces are not heard', isWell: false }]);
    expect((await readTrouble(context.db, context.now())).ofServer).toBe(true);
    expect(await causes()).toEqual([]);
    app.advanceClock(10 * MINUTE_MS);
    await pollMailbox(context);
    expect(await causes()).toEqual(['unread-mailbox']);
    // IMAP_URL names another one by now: nobody tries this one any more.
    app.advanceClock(11 * MINUTE_MS);
    expect(await causes()).toEqual([]);
  });
});

(dovecotMissing === undefined ? describe : describe.skip)(
  `a mailbox of Dovecot${dovecotMissing === undefined ? '' : ` (skipped: ${dovecotMissing})`}`,
  () => {
    let dovecot: TestDovecot;
    let url: string;
    let number = 0;

    beforeAll(async () => {
      dovecot = await startDovecot();
      url = `imap://bounces:secret@127.0.0.1:${dovecot.port}/INBOX`;
    }, 60_000);
    afterAll(() => dovecot.stop());

    function put(text: string, arrivedAt = new Date()): string {
      const name = `${Math.floor(arrivedAt.getTime() / 1000)}.${(number += 1)}.test`;
      const file = join(dovecot.maildir, 'new', name);
      writeFileSync(file, text);
      chownSync(file, dovecot.uid, dovecot.uid);
      utimesSync(file, arrivedAt, arrivedAt);
      return name;
    }
    const files = () => ['new', 'cur'].flatMap((name) => readdirSync(join(dovecot.maildir, name)));
    const subjects = async () => {
      const rows = await app.context.db.many<{ raw: Buffer }>(sql`select raw from inbound_mails order by id`);
      return rows.map(({ raw }) => /^Subject: (.*)\r$/m.exec(raw.toString('latin1'))?.[1]);
    };

    test('is read from where it was left, changed in nothing, and read anew when its UIDs mean others', async () => {
      put('Subject: one\n\nx\n');
      put('Subject: two\n\nx\n');
      await pollMailbox(withUrl(url));
      await pollMailbox(withUrl(url));
      expect(await subjects()).toEqual(['one', 'two']);
      put('Subject: three\n\nx\n');
      await pollMailbox(withUrl(url));
      expect(await subjects()).toEqual(['one', 'two', 'three']);
      expect(await app.context.db.many(sql`select from outbox where name = 'read-inbound'`)).toHaveLength(3);
      expect(files().filter((name) => /:2,.*[ST]/.test(name))).toEqual([]);
      await dovecot.forgetUids();
      put('Subject: four\n\nx\n');
      await pollMailbox(withUrl(url));
      expect(await subjects()).toEqual(['one', 'two', 'three', 'four']);
      expect(files()).toHaveLength(4);
    }, 60_000);

    test('has its mails deleted where that is asked for, when they are stored and not before', async () => {
      await pollMailbox(withUrl(url));
      const { db } = app.context;
      await db.run(sql`delete from inbound_mails`);
      await db.run(sql`
        create function refuse_mail() returns trigger language plpgsql as
        $$ begin raise exception 'away' using errcode = '57P03'; end $$
      `);
      await db.run(
        sql`create trigger refuse_mail before insert on inbound_mails for each row execute function refuse_mail()`,
      );
      const deleting = withUrl(`${url}?delete=true`);
      await expect(pollMailbox(deleting)).rejects.toThrow('away');
      expect(files()).toHaveLength(4);
      await db.run(sql`drop function refuse_mail cascade`);
      // A copy of the database leaves the mailbox as it is.
      await readInstallation(db);
      await holdMail(db, { reason: 'copy', survivedCounter: 1 }, app.context.now());
      await pollMailbox(deleting);
      expect(files()).toHaveLength(4);
      await db.run(sql`delete from installation`);
      await pollMailbox(deleting);
      expect(files()).toEqual([]);
      expect(await subjects()).toEqual(['one', 'two', 'three', 'four']);
    }, 60_000);

    test('that is old is taken for what is new only from the last thirty days', async () => {
      put('Subject: old\n\nx\n', new Date(Date.now() - 40 * DAY_MS));
      put('Subject: new\n\nx\n', new Date(Date.now() - 20 * DAY_MS));
      await pollMailbox(withUrl(url));
      expect(await subjects()).toEqual(['new']);
      await pollMailbox(withUrl(`${url}?delete=true`));
      expect(files()).toEqual([]);
    }, 60_000);

    test('with a mail that is too large has its beginning stored once, keeps it, and goes on with the others', async () => {
      put(`Subject: large\n\n${'x'.repeat(99)}\n`.padEnd(MAX_INBOUND_BYTES + 1000, 'y\n'));
      put('Subject: small\n\nx\n');
      const deleting = withUrl(`${url}?delete=true`);
      for (let at = 0; at < 2; at++) await pollMailbox(deleting);
      expect(await subjects()).toEqual(['large', 'small']);
      expect(files()).toHaveLength(1);
      const { size } = await app.context.db.one<{ size: number }>(
        sql`select max(octet_length(raw)) as size from inbound_mails`,
      );
      expect(size).toBe(MAX_INBOUND_BYTES);
    }, 60_000);

    test('whose password is wrong is told of at once, and heard again when it is right', async () => {
      await app.createPublication();
      const { log, lines } = createMemoryLog();
      await pollMailbox({ ...withUrl(url.replace('secret', 'wrong')), log });
      expect(lines).toMatchObject([{ event: 'mailbox.unreadable', failure: 'login' }]);
      expect(await causes()).toEqual(['unread-mailbox']);
      const [item] = await inboundHealth(withUrl(url));
      expect(item?.says[0]).toContain('Nobody is let into INBOX at 127.0.0.1');
      await pollMailbox({ ...withUrl(url), log });
      expect(lines.map(({ event }) => event)).toEqual([
        'mailbox.unreadable',
        'inbound.cut-off',
        'mailbox.readable',
      ]);
      expect(await causes()).toEqual([]);
      expect(await inboundHealth(withUrl(url))).toMatchObject([
        { title: 'INBOX at 127.0.0.1', isWell: true },
      ]);
    }, 60_000);

    test('without the folder says so', async () => {
      await pollMailbox(withUrl(url.replace('INBOX', 'Nowhere')));
      expect(await mailbox()).toMatchObject({ failure: 'folder' });
    }, 60_000);
  },
);
