import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { PG_MIGRATE_LOCK_ID } from 'node-pg-migrate';
import { SECOND_MS } from '../durations.js';

const RETRY_MS = 200;
const REPORT_AFTER_MS = 5 * SECOND_MS;

/** Both halves of the lock's number, as pg_locks has them. */
const [LOCK_HIGH, LOCK_LOW] = [Math.floor(PG_MIGRATE_LOCK_ID / 2 ** 32), PG_MIGRATE_LOCK_ID % 2 ** 32];

/**
 * Waits until no other process migrates. The lock is that of node-pg-migrate, which older versions took.
 * @param report called once, after 5 s, with who has it
 * @returns gives it back
 */
export async function takeMigrationLock(
  client: pg.Client,
  report: (sentence: string) => void,
): Promise<() => Promise<void>> {
  const since = performance.now();
  let hasReported = false;
  while (!(await tryLock(client))) {
    if (!hasReported && performance.now() - since >= REPORT_AFTER_MS) {
      report(describeHolder(await findHolder(client)));
      hasReported = true;
    }
    await sleep(RETRY_MS);
  }
  return async () => void (await client.query(`select pg_advisory_unlock(${PG_MIGRATE_LOCK_ID})`));
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_lock(${PG_MIGRATE_LOCK_ID}) as locked`,
  );
  return rows[0]?.locked === true;
}

/** `since` is null where Postgres tells it to members of the other's role alone. */
type Holder = { pid: number; name: string; since: Date | null };

async function findHolder(client: pg.Client): Promise<Holder | undefined> {
  const { rows } = await client.query<Holder>(`
    select a.pid, coalesce(a.application_name, '') as name, coalesce(a.xact_start, a.backend_start) as since
      from pg_locks l
      join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory'
       and l.granted
       and l.database = (select oid from pg_database where datname = current_database())
       and l.classid::bigint = ${LOCK_HIGH}
       and l.objid::bigint = ${LOCK_LOW}`);
  return rows[0];
}

function describeHolder(holder: Holder | undefined): string {
  if (holder === undefined) return 'Waiting for another process that migrates this database.';
  const { pid, name, since } = holder;
  return (
    `Waiting for another process that migrates this database: backend ${pid} of Postgres (${name || 'without a name'})` +
    `${since === null ? '' : `, since ${since.toISOString()}`}. If it is dead: select pg_terminate_backend(${pid})`
  );
}
