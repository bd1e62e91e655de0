import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectDatabase, type Db } from '../../../src/platform/db/database.js';
import { migrate } from '../../../src/platform/db/migrate.js';
import { sql } from '../../../src/platform/db/sql.js';
import { hasDebianPostgres, startDebianPostgres } from '../../support/debian-postgres.js';
import { createEmptyDatabase } from '../../support/test-database.js';

const describeOlder = hasDebianPostgres ? describe : describe.skip;

describeOlder(
  `on Postgres 15${hasDebianPostgres ? '' : ' (skipped: postgresql-15 is not installed)'}`,
  () => {
    let server: Awaited<ReturnType<typeof startDebianPostgres>>;
    let db: Db;
    beforeAll(async () => {
      server = await startDebianPostgres();
      await migrate(server.url);
      db = connectDatabase(server.url, () => {});
    });
    afterAll(async () => {
      await db.close();
      await server.stop();
    });

    test('ids that the database makes are of version 7, of now, and sort in the order in which they were made', async () => {
      const before = Date.now();
      const ids = await addSubscribers(db, 'old', 5_000);
      expect(ids.toSorted()).toEqual(ids);
      expect(new Set(ids).size).toBe(ids.length);
      for (const id of ids)
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      const madeAt = Number.parseInt((ids[0] ?? '').replaceAll('-', '').slice(0, 12), 16);
      expect(madeAt).toBeGreaterThanOrEqual(before);
      expect(madeAt).toBeLessThanOrEqual(Date.now());
    });

    test('ids are made whatever search_path the connection has', async () => {
      const made = await db.transaction(async (tx) => {
        await tx.run(sql`set local search_path = ''`);
        return tx.many<{ id: string }>(sql`
        insert into public.subscribers (email, email_key, created_at)
        values ('path@example.com', 'path@example.com', now()) returning id`);
      });
      expect(made).toHaveLength(1);
    });

    test('a dump is restored on a newer Postgres: nothing is left to migrate, and new ids sort after the old', async () => {
      const newer = await createEmptyDatabase();
      try {
        const dump = runClient('pg_dump', [server.url]);
        runClient('psql', ['--quiet', '--set', 'ON_ERROR_STOP=1', newer.url], dump);
        expect(await migrate(newer.url)).toEqual([]);
        const [lastOld] = await newer.db.many<{ id: string }>(
          sql`select id from subscribers order by id desc limit 1`,
        );
        const ids = await addSubscribers(newer.db, 'new', 10);
        expect([lastOld?.id, ...ids].toSorted()).toEqual([lastOld?.id, ...ids]);
      } finally {
        await newer.close();
      }
    });
  },
);

function runClient(program: string, args: string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync(`/usr/lib/postgresql/15/bin/${program}`, args, {
    encoding: 'utf8',
    input,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

async function addSubscribers(db: Db, name: string, count: number): Promise<string[]> {
  const rows = await db.many<{ id: string }>(sql`
    insert into subscribers (email, email_key, created_at)
    select ${name} || at || '@example.com', ${name} || at || '@example.com', now() from generate_series(1, ${count}) as at
    returning id`);
  return rows.map(({ id }) => id);
}
