import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { PG_MIGRATE_LOCK_ID } from 'node-pg-migrate';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '../../../src/platform/db/migrate.js';
import { UserFacingError } from '../../../src/platform/user-facing-error.js';
import { SELF_SIGNED } from '../../support/self-signed-certificate.js';
import { migrateUntil, serverUrl } from '../../support/test-database.js';
import { waitUntil } from '../../support/wait-until.js';

const dir = fileURLToPath(new URL('../../../src/platform/db/migrations', import.meta.url));
const files = readdirSync(dir)
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.replace(/\.sql$/, ''))
  .toSorted();
const made: string[] = [];

afterEach(async () => {
  for (const name of made.splice(0)) await query(serverUrl(), `drop database if exists ${name} with (force)`);
});

test('ten processes that start at once on an empty database migrate it once', async () => {
  const url = await emptyDatabase();
  const applied = await Promise.all(Array.from({ length: 10 }, () => migrate(url)));
  expect(applied.filter((names) => names.length > 0)).toEqual([files]);
  const rows = await query(url, 'select name from migrations order by id');
  expect(rows).toEqual(files.map((name) => ({ name })));
});

test('migrating again, the next day, applies nothing and keeps every row', async () => {
  const url = await emptyDatabase();
  expect(await migrate(url)).toEqual(files);
  await query(url, `insert into schedules (name, next_at) values ('kept', now())`);
  expect(await migrate(url)).toEqual([]);
  expect(await query(url, 'select name from schedules')).toEqual([{ name: 'kept' }]);
});

test('a fault of TLS is said with the parameters that mend it', async () => {
  const reason = (parameters: string, url = serverUrl()) =>
    migrate(`${url}?${parameters}`).then(
      () => '',
      (error: unknown) =>
        error instanceof UserFacingError ? error.message : `no sentence: ${String(error)}`,
    );
  expect(await reason('sslmode=verify-full')).toMatch(/does not support SSL.* sslmode=disable there\.$/);
  expect(await reason('sslmode=verify-full&sslrootcert=/no/ca.pem')).toMatch(
    /ENOENT.*Nothing was changed\. sslrootcert, sslcert and sslkey in DATABASE_URL are paths of files/,
  );
  // It agrees to TLS as Postgres does (manual section 54.2.11), with a certificate that nobody has signed.
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write('S');
      new TLSSocket(socket, { isServer: true, ...SELF_SIGNED }).on('error', () => {});
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `postgres://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}/paperround`;
  const said = await reason('sslmode=require', url);
  server.close();
  expect(said).toMatch(/self-signed certificate.*sslrootcert=\/path\/ca\.pem.*sslmode=no-verify/);
  expect(said).not.toContain('secret');
});

test('a migration that fails leaves the database as it was, and the next start tries again', async () => {
  const url = await emptyDatabase();
  // There is another table with the name of one that the migration creates.
  await query(url, 'create table publications (id int)');
  await expect(migrate(url)).rejects.toThrow('publications');
  const tables = async () =>
    (await query(url, `select tablename from pg_tables where schemaname = 'public'`)).map(
      (row) => row['tablename'],
    );
  expect(await tables()).not.toContain('subscriptions');
  await query(url, 'drop table publications');
  await migrate(url);
  expect(await tables()).toContain('subscriptions');
  expect(await query(url, 'select count(*)::int as count from migrations')).toEqual([
    { count: files.length },
  ]);
});

test('tables of a newer version stop the start, which names both, and nothing is changed', async () => {
  const url = await emptyDatabase();
  await migrate(url);
  await query(
    url,
    `insert into migrations (name, run_on) values ('9998_later', now()), ('9999_newest', now())`,
  );
  await expect(migrate(url)).rejects.toMatchObject({
    name: 'UserFacingError',
    message: expect.stringMatching(
      new RegExp(
        `tables are at 9999_newest, and this version knows them up to ${files.at(-1)}\\. Nothing was started`,
      ),
    ),
  });
  expect(await query(url, 'select count(*)::int as count from migrations')).toEqual([
    { count: files.length + 2 },
  ]);
});

test('a database that cannot hold every letter is refused, with the command that makes one that can', async () => {
  const url = await emptyDatabase(`encoding 'SQL_ASCII' locale_provider libc locale 'C'`);
  await expect(migrate(url)).rejects.toMatchObject({
    name: 'UserFacingError',
    message: expect.stringMatching(/encoded in SQL_ASCII.*createdb --template template0 --encoding UTF8/),
  });
  expect(await query(url, `select to_regclass('public.migrations') as name`)).toEqual([{ name: null }]);
});

test('times of earlier migrations that were written in another time zone do not matter', async () => {
  const url = await emptyDatabase();
  await migrate(url);
  const last = files.at(-1);
  await query(url, `update migrations set run_on = run_on - interval '9 hours' where name = '${last}'`);
  expect(await migrate(url)).toEqual([]);
});

test('while another process holds the lock it is said after 5 s which backend that is, and its end is waited for', async () => {
  const url = await emptyDatabase();
  const holder = new pg.Client({ connectionString: url, application_name: 'paperround of old' });
  await holder.connect();
  const { rows } = await holder.query<{ pid: number }>(
    `select pg_backend_pid() as pid, pg_advisory_lock(${PG_MIGRATE_LOCK_ID})`,
  );
  const said: string[] = [];
  const began = performance.now();
  const migrating = migrate(url, (sentence) => said.push(sentence));
  await waitUntil(() => said.length > 0);
  expect(performance.now() - began).toBeGreaterThanOrEqual(5_000);
  expect(said).toEqual([
    expect.stringMatching(
      new RegExp(
        `backend ${rows[0]?.pid} of Postgres \\(paperround of old\\), since 20\\d\\d-\\d\\d-\\d\\dT`,
      ),
    ),
  ]);
  await holder.end();
  expect(await migrating).toEqual(files);
  expect(said).toHaveLength(1);
}, 30_000);

test('where there is nothing to migrate nobody waits for the lock', async () => {
  const url = await emptyDatabase();
  await migrate(url);
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  await holder.query(`select pg_advisory_lock(${PG_MIGRATE_LOCK_ID})`);
  expect(await migrate(url)).toEqual([]);
  await holder.end();
});

test('migrations are numbered without gaps, and say why at the top', () => {
  expect(files.map((name) => Number(name.slice(0, 4)))).toEqual(files.map((_, at) => at + 1));
});

test('three letters that were taken for a time zone become the zone that pages showed for them', async () => {
  const url = await emptyDatabase();
  await migrateUntil({ url }, '0026');
  await query(
    url,
    `with publication as (
       insert into publications (slug, name, site_url, from_name, from_address, timezone, created_at)
       select 'zone-' || at, 'Zone', 'https://zone.example', 'Zone', 'news@zone.example', zone, now()
         from unnest(array['IST', 'ist', 'Europe/Berlin', 'EST']) with ordinality as old (zone, at)
       returning id, timezone
     ), subscriber as (
       insert into subscribers (email, email_key, created_at) values ('ada@example.com', 'ada@example.com', now())
       returning id
     ), request as (
       insert into sign_up_requests (publication_id, email, timezone, created_at)
       select id, 'ada@example.com', timezone, now() from publication
     )
     insert into subscriptions (publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month, timezone,
                                created_at)
     select p.id, s.id, 'confirmed', 'en', 'daily', 7, 1, 1, p.timezone, now() from publication p, subscriber s`,
  );
  await migrate(url);
  for (const table of ['publications', 'subscriptions', 'sign_up_requests'])
    expect(await query(url, `select timezone from ${table} order by timezone`)).toEqual(
      ['Asia/Kolkata', 'Asia/Kolkata', 'EST', 'Europe/Berlin'].map((timezone) => ({ timezone })),
    );
});

test('the database allows only the known words for each status, state and kind', async () => {
  const url = await emptyDatabase();
  await migrate(url);
  const unchecked = await query(
    url,
    `select c.relname || '.' || a.attname as name
       from pg_attribute a
       join pg_class c on c.oid = a.attrelid
      where c.relkind = 'r'
        and c.relnamespace = 'public'::regnamespace
        and a.attname in ('status', 'state', 'kind', 'cadence', 'outcome')
        and a.atttypid = 'text'::regtype
        and not exists (
          select from pg_constraint k
           where k.conrelid = c.oid and k.contype = 'c' and a.attnum = any(k.conkey)
        )`,
  );
  // What a visitor typed, and a server's enhanced status, may be any text; kinds of activity are a table in code, which grows.
  expect(unchecked.map(({ name }) => name).toSorted()).toEqual([
    'activity.kind',
    'events.status',
    'sign_up_requests.cadence',
  ]);
});

async function emptyDatabase(options = ''): Promise<string> {
  const name = `migrate_${randomBytes(6).toString('hex')}`;
  await query(serverUrl(), `create database ${name} template template0 ${options}`);
  made.push(name);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return url.toString();
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
