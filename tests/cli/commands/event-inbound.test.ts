import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { createLantern, openTerminal, type Terminal } from '../open-terminal.js';

jest.setTimeout(90_000);
let terminal: Terminal;
let folder: string;

beforeEach(async () => {
  terminal = await openTerminal();
  await createLantern(terminal.db);
  folder = await mkdtemp(join(tmpdir(), 'paperround-event-'));
});
afterEach(async () => {
  await terminal.close();
  await rm(folder, { recursive: true });
});

const stored = async () => {
  const rows = await terminal.db.many<{ raw: Buffer }>(sql`select raw from inbound_mails order by id`);
  return rows.map(({ raw }) => raw.toString('latin1'));
};

test('a mail, an mbox and a Maildir are taken in octet by octet, each mail once, with a job that reads it', async () => {
  const { json, db } = terminal;
  const mail = Buffer.from('Subject: one\r\n\r\nFrom here\r\n\xff', 'latin1');
  await writeFile(join(folder, 'one.eml'), mail);
  const mbox =
    'From a@b Tue Dec  1 00:00:00 2026\nSubject: two\n\n>From there\n\nFrom c@d Tue Dec  1 00:00:00 2026\nSubject: three\n\nx\n';
  await writeFile(join(folder, 'all.mbox'), mbox);
  for (const path of ['maildir/cur', 'maildir/new']) await mkdir(join(folder, path), { recursive: true });
  await writeFile(join(folder, 'maildir/cur/1:2,S'), 'Subject: four\n\n');
  await writeFile(join(folder, 'maildir/new/2'), 'Subject: five\n\n');
  const paths = ['one.eml', 'all.mbox', 'maildir'].map((name) => join(folder, name));
  expect(await json('event', 'ingest', ...paths)).toEqual({ stored: 5, known: 0 });
  expect(await json('event', 'ingest', ...paths)).toEqual({ stored: 0, known: 5 });
  expect(await stored()).toEqual([
    mail.toString('latin1'),
    'Subject: two\n\nFrom there\n\n',
    'Subject: three\n\nx\n',
    'Subject: four\n\n',
    'Subject: five\n\n',
  ]);
  const jobs = await db.many(sql`select from outbox where name = 'read-inbound'`);
  expect(jobs).toHaveLength(5);
});

test('a file that is not there is named, and the others are taken in', async () => {
  const { run } = terminal;
  await writeFile(join(folder, 'one.eml'), 'Subject: one\n\n');
  const result = await run('event', 'ingest', join(folder, 'none.eml'), join(folder, 'one.eml'));
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(/none\.eml cannot be read: ENOENT\nNot read: 1 file\./);
  expect(await stored()).toHaveLength(1);
});

test('what became of each is listed without its addresses, and what failed is read again', async () => {
  const { run, json, db } = terminal;
  await writeFile(
    join(folder, 'all.mbox'),
    ['a', 'b'].map((name) => `From x\nTo: ${name}@example.com\n\n`).join(''),
  );
  await json('event', 'ingest', join(folder, 'all.mbox'));
  await db.run(sql`
    update inbound_mails
       set state = 'failed', reason = '22023', processed_at = now()
     where raw like '%a@example.com%'
  `);
  const page = await json<{ data: object[]; nextCursor: string }>('event', 'mails', '--limit', '1');
  expect(page.data).toEqual([expect.objectContaining({ source: 'file', state: 'waiting', reason: null })]);
  const rest = await run('event', 'mails', '--cursor', page.nextCursor);
  expect(rest.stdout).toMatch(/file +failed +22023/);
  expect(rest.stdout).not.toContain('example.com');
  expect((await json<{ data: object[] }>('event', 'mails', '--state', 'failed')).data).toHaveLength(1);
  await db.run(sql`delete from outbox`);
  expect(await json('event', 'reread', '--failed')).toEqual({ mails: 1 });
  expect((await run('event', 'mails', '--state', 'failed')).stdout).toBe('No mail has come back.\n');
  expect(await db.many(sql`select from outbox where name = 'read-inbound'`)).toHaveLength(1);
});
