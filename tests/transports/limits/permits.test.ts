import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { connectDatabase, type Db } from '../../../src/platform/db/database.js';
import { sql } from '../../../src/platform/db/sql.js';
import {
  countNotice,
  returnPermits,
  takePermits,
  type Permits,
} from '../../../src/transports/limits/permits.js';
import { registerTransports } from '../../../src/transports/register-transports.js';
import type { TransportLimits } from '../../../src/platform/mail/smtp/smtp-url-parameters.js';
import type { RegisteredTransport } from '../../../src/transports/transport.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { DAY_MS } from '../../../src/platform/durations.js';

const now = new Date('2026-11-22T10:20:30.400Z');
const after = (milliseconds: number) => new Date(now.getTime() + milliseconds);

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
beforeEach(async () => {
  await db.run(sql`delete from transport_usage`);
  await db.run(sql`delete from transports`);
});
afterAll(() => database.close());

async function known(limits: Partial<TransportLimits>, on = db): Promise<RegisteredTransport> {
  const server = { name: 'mail.example:587', limits: { weight: 1, rates: {}, ...limits } };
  const [transport] = await registerTransports(on, [server]);
  if (transport === undefined) throw new Error('registered');
  return transport;
}

const granted = (count: number): Permits => ({ kind: 'granted', count });
const none = (until: Date): Permits => ({ kind: 'none', until });
const usage = () => db.many(sql`select span, starts_at, used from transport_usage order by span, starts_at`);
const firstUse = () => db.one<{ firstUsedAt: Date | null }>(sql`select first_used_at from transports`);

/** Statements sent while something is done. */
async function countingQueries<T>(
  work: (counted: Db) => Promise<T>,
): Promise<{ result: T; queries: number }> {
  let queries = 0;
  const counted: Db = {
    ...db,
    many: (query) => ((queries += 1), db.many(query)),
    transaction: (inside) => ((queries += 1), db.transaction(inside)),
  };
  return { result: await work(counted), queries };
}

test('servers get their rows once, in the order asked, and keep what else they have', async () => {
  const servers = ['b.example:25', 'a.example:465', 'b.example:25'].map((name) => ({
    name,
    limits: { weight: 2, rates: {} },
    send: () => name,
  }));
  const first = await registerTransports(db, servers);
  expect(first.map(({ name, firstUsedAt }) => [name, firstUsedAt])).toEqual(
    servers.map(({ name }) => [name, null]),
  );
  expect(first[0]?.id).toBe(first[2]?.id);
  expect(first[0]?.id).not.toBe(first[1]?.id);
  expect(first[1]?.send()).toBe('a.example:465');
  const again = await countingQueries((counted) => registerTransports(counted, servers));
  expect(again.result.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
  expect(again.queries).toBe(1);
});

test('registering again, at once and later, uses up no ids', async () => {
  const names = ['one.example:25', 'two.example:25'].map((name) => ({
    name,
    limits: { weight: 1, rates: {} },
  }));
  const all = await Promise.all(Array.from({ length: 20 }, () => registerTransports(db, names)));
  for (let times = 0; times < 20; times += 1) all.push(await registerTransports(db, names));
  expect(new Set(all.map((rows) => JSON.stringify(rows.map(({ id }) => id)))).size).toBe(1);
  const [other] = await registerTransports(db, [
    { name: 'three.example:25', limits: { weight: 1, rates: {} } },
  ]);
  const highest = Math.max(...(all[0] ?? []).map(({ id }) => id));
  // Only registrations at the same moment can have used an id in vain.
  expect((other?.id ?? 0) - highest).toBeLessThanOrEqual(40);
  const [last] = await registerTransports(db, [
    { name: 'four.example:25', limits: { weight: 1, rates: {} } },
  ]);
  expect(last?.id).toBe((other?.id ?? 0) + 1);
});

test('without limits everything is granted, the first use is recorded once, and then no statement is sent', async () => {
  const transport = await known({});
  expect(await takePermits(db, transport, 500, now)).toEqual(granted(500));
  expect(await firstUse()).toEqual({ firstUsedAt: now });
  await takePermits(db, transport, 500, after(5_000));
  const { result, queries } = await countingQueries(async (counted) => {
    await countNotice(counted, transport, after(6_000));
    await returnPermits(counted, transport, 3, now);
    return takePermits(counted, transport, 500, after(6_000));
  });
  expect([result, queries]).toEqual([granted(500), 0]);
  expect(await firstUse()).toEqual({ firstUsedAt: now });
  expect(await usage()).toEqual([]);
});

test('as many are granted as the tightest window has room for, and then it says when there is room again', async () => {
  const transport = await known({ rates: { second: 4, minute: 6, day: 100 } });
  expect(await takePermits(db, transport, 3, now)).toEqual(granted(3));
  expect(await takePermits(db, transport, 3, now)).toEqual(granted(1));
  expect(await takePermits(db, transport, 3, now)).toEqual(none(new Date('2026-11-22T10:20:31Z')));
  expect(await takePermits(db, transport, 3, after(1_000))).toEqual(granted(2));
  expect(await takePermits(db, transport, 3, after(2_000))).toEqual(none(new Date('2026-11-22T10:21:00Z')));
  expect(await takePermits(db, transport, 9, after(30_000))).toEqual(granted(4));
  expect(await usage()).toMatchObject([
    { span: 'day', used: 10 },
    { span: 'minute', used: 4, startsAt: new Date('2026-11-22T10:21:00Z') },
    { span: 'second', used: 4 },
  ]);
});

test('returned permits can be taken again, in their window only', async () => {
  const transport = await known({ rates: { second: 5, hour: 10 } });
  await takePermits(db, transport, 5, now);
  await returnPermits(db, transport, 2, now);
  expect(await takePermits(db, transport, 5, now)).toEqual(granted(2));
  expect(await takePermits(db, transport, 4, after(1_000))).toEqual(granted(4));
  // The second in which they were taken is over; the hour is not.
  await returnPermits(db, transport, 2, now);
  expect(await usage()).toMatchObject([
    { span: 'hour', used: 7 },
    { span: 'second', used: 4 },
  ]);
  await returnPermits(db, transport, 50, after(1_000));
  expect(await usage()).toMatchObject([
    { span: 'hour', used: 0 },
    { span: 'second', used: 0 },
  ]);
});

test('a notice is counted, also beyond the limit, and never has to wait', async () => {
  const transport = await known({ rates: { minute: 3 } });
  for (let notice = 0; notice < 4; notice += 1) await countNotice(db, transport, now);
  expect(await usage()).toMatchObject([{ span: 'minute', used: 4 }]);
  expect(await takePermits(db, transport, 1, now)).toEqual(none(new Date('2026-11-22T10:21:00Z')));
});

test('a warm-up begins with the first message, not with the first question', async () => {
  const transport = await known({ warmUp: 10 });
  expect(await firstUse()).toEqual({ firstUsedAt: null });
  const day = DAY_MS;
  expect(await takePermits(db, transport, 100, after(5 * day))).toEqual(granted(10));
  expect(await takePermits(db, transport, 100, after(5 * day))).toEqual(
    none(new Date('2026-11-28T00:00:00Z')),
  );
  expect(await takePermits(db, transport, 100, after(6 * day))).toEqual(granted(20));
  // Another worker reads it from the row.
  expect(await takePermits(db, await known({ warmUp: 10 }), 100, after(7 * day))).toEqual(granted(40));
  await countNotice(db, await known({ warmUp: 10 }), after(8 * day));
  expect(await takePermits(db, transport, 100, after(8 * day))).toEqual(granted(79));
});

test('workers that ask all at once never get more together than the limit, nor less', async () => {
  const other = connectDatabase(database.url, () => {});
  try {
    const limits = { rates: { minute: 1_000, hour: 137 } };
    const workers = [
      { on: db, transport: await known(limits) },
      { on: other, transport: await known(limits, other) },
    ];
    const asked = workers.flatMap(({ on, transport }) =>
      Array.from({ length: 20 }, async (_, at) => {
        const permits = await takePermits(on, transport, 5 + (at % 5), now);
        if (permits.kind === 'none') return 0;
        if (at % 4 > 0) return permits.count;
        await returnPermits(on, transport, 1, now);
        return permits.count - 1;
      }),
    );
    const first = (await Promise.all(asked)).reduce((sum, count) => sum + count, 0);
    expect(first).toBeLessThanOrEqual(137);
    let rest = 0;
    for (;;) {
      const permits = await takePermits(other, await known(limits), 9, now);
      if (permits.kind === 'none') break;
      rest += permits.count;
    }
    expect(first + rest).toBe(137);
    expect(await usage()).toMatchObject([
      { span: 'hour', used: 137 },
      { span: 'minute', used: 137 },
    ]);
  } finally {
    await other.close();
  }
});
