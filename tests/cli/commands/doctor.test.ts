import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { dumpTables } from '../../support/table-dump.js';
import { startDnsServer, type DnsServer } from '../../support/dns-server.js';
import { createLantern, openTerminal, type Terminal } from '../open-terminal.js';

let terminal: Terminal;
let dns: DnsServer;
jest.setTimeout(90_000);

beforeEach(async () => {
  terminal = await openTerminal();
  dns = await startDnsServer();
});

afterEach(() => Promise.all([terminal.close(), dns.close()]));

test('doctor dns says what is right, what is not, and what to publish, and stores nothing', async () => {
  const { run, db } = terminal;
  const ask = ['doctor', 'dns', '--dns', dns.address];
  await createLantern(db);
  dns.records.set('_dmarc.lantern.example', [['v=DMARC1; p=none']]);
  dns.hosts.set('lantern.example', { MX: [{ preference: 10, exchange: 'mx.lantern.example' }] });
  const before = await dumpTables(db, ['wrapped_keys']);
  const wrong = await run(...ask);
  expect(wrong).toMatchObject({
    code: 1,
    stderr: 'The DNS does not show every record as it should be.\n',
  });
  expect(wrong.stdout).toContain(
    'lantern.example\n  SPF   not right: There is no SPF record.\n        expected  TXT lantern.example\n' +
      '                  v=spf1 a:news.example ~all\n  DKIM  look at it: Ask whoever runs the mail server',
  );
  expect(wrong.stdout).toContain('  DMARC good: There is a policy.\n        found     v=DMARC1; p=none\n');
  expect(await dumpTables(db, ['wrapped_keys'])).toEqual(before);

  dns.records.set('lantern.example', [['v=spf1 mx ~all']]);
  const { code, stdout } = await run(...ask, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    publication: 'lantern',
    signer: 'server',
    domains: [{ domain: 'lantern.example', checks: [{ record: 'spf', status: 'look' }, {}, {}, {}] }],
  });
  expect((await run('doctor', 'dns', '--dns', 'ns.example')).code).toBe(2);
});

test('numbers that are wrong are listed, and made right on a word', async () => {
  const { run, json, db } = terminal;
  const { id } = await createLantern(db);
  expect((await run('doctor', 'counts', '--all')).stdout).toBe('Every number is what there is.\n');
  await db.run(
    sql`insert into count_changes (name, owner_id, key, count) values ('readers', ${id}, '{paused,daily}', 3)`,
  );
  const wrong = await run('doctor', 'counts');
  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toMatch(
    new RegExp(`^Number +Of +Was +Is\nreaders paused daily +${id} +3 +0\n.*doctor counts --correct`),
  );
  expect(await json('doctor', 'counts', '--correct')).toMatchObject([
    { name: 'readers', kept: 3, counted: 0 },
  ]);
  expect(await json('doctor', 'counts', '--all')).toEqual([]);
});

test('doctor says what works, what does not, what readers notice and what to do', async () => {
  const { run, db } = terminal;
  await createLantern(db);
  const idle = await run('doctor');
  expect(idle).toMatchObject({ code: 1, stderr: 'Something does not work.\n' });
  expect(idle.stdout).toContain('Mail servers\n  well: 127.0.0.1:1\n    No mail has gone through it yet.\n');
  expect(idle.stdout).toMatch(
    / {2}trouble: Worker, with a queue on Redis\n[^]* {4}Readers notice: Nobody is mailed anything/,
  );
  await db.run(sql`insert into schedules (name, next_at) values ('sweep', now() + interval '15 seconds')`);
  const well = await run('doctor', '--json');
  expect(well.code).toBe(0);
  expect(JSON.parse(well.stdout)).toMatchObject([
    { id: 'mail', items: [{ title: '127.0.0.1:1', isWell: true, readers: null }] },
    { id: 'inbound', items: [{ isWell: true }] },
    { id: 'jobs', items: [{ isWell: true }] },
    { id: 'clock' },
    { id: 'feeds' },
    { id: 'rows' },
  ]);
});
