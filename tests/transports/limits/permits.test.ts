import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { connectDatabase, type Db } from '../../../src/platform/db/database.js';
import { sql } from '../../../src/platform/db/sql.js';
import {
  countNotice,
  returnPermits,
  takePermits,
  type Granted,
  type Permits,
} from '../../../src/transports/limits/permits.js';
import { registerTransports } from '../../../src/transports/register-transports.js';
import type { TransportLimits } from '../../../src/platform/mail/smtp/smtp-url-parameters.js';
import type { RegisteredTransport } from '../../../src/transports/transport.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { DAY_MS, MINUTE_MS } from '../../../src/platform/durations.js';

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

const none = (until: Date): Permits => ({ kind: 'none', until });
const usage = () =>
  db.many<{ minute: Date; messages: number }>(
    sql`select minute, messages from transport_usage order by minute`,
  );

async function granted(transport: RegisteredTransport, wanted: number, moment: Date): Promise<Granted> {
  const permits = await takePermits(db, transport, wanted, moment);
  if (permits.kind === 'none') throw new Error('granted');
  return permits;
}

const take = async (transport: RegisteredTransport, wanted: number, moment: Date) =>
  (await granted(transport, wanted, moment)).count;
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
  const first = await granted(transport, 500, now);
  expect(first.count).toBe(500);
  expect(await firstUse()).toEqual({ firstUsedAt: now });
  await takePermits(db, transport, 500, after(5_000));
  const { result, queries } = await countingQueries(async (counted) => {
    await countNotice(counted, transport, after(6_000));
    await returnPermits(counted, transport, 3, first);
    return takePermits(counted, transport, 500, after(6_000));
  });
  expect([result, queries]).toMatchObject([{ count: 500 }, 0]);
  expect(await firstUse()).toEqual({ firstUsedAt: now });
  expect(await usage()).toEqual([]);
});

test('what the rates for an hour and a day leave may be sent at once, and then it says when there is room again', async () => {
  const transport = await known({ rates: { hour: 6, day: 9 } });
  expect(await take(transport, 4, now)).toBe(4);
  expect(await take(transport, 4, after(2 * MINUTE_MS))).toBe(2);
  const noneLeft = await takePermits(db, transport, 4, after(3 * MINUTE_MS));
  expect(noneLeft).toEqual({ kind: 'none', until: new Date('2026-11-22T11:21:00Z') });
  expect(await take(transport, 4, new Date('2026-11-22T11:21:00Z'))).toBe(3);
  const tomorrow = await takePermits(db, transport, 4, new Date('2026-11-22T12:30:00Z'));
  expect(tomorrow).toEqual({ kind: 'none', until: new Date('2026-11-23T10:21:00Z') });
});

test('a rate for the second spaces messages, and the next chunk is claimed a second before its first may go', async () => {
  const transport = await known({ rates: { second: 10, hour: 500 } });
  const first = await takePermits(db, transport, 500, now);
  expect(first).toMatchObject({ count: 97, pace: { startsAt: now } });
  const none = await takePermits(db, transport, 5, after(100));
  expect(none).toEqual({ kind: 'none', until: after(9_000) });
  expect(await takePermits(db, transport, 5, after(9_000))).toMatchObject({
    count: 5,
    pace: { startsAt: after(10_000) },
  });
  expect(await usage()).toEqual([{ minute: new Date('2026-11-22T10:20:00Z'), messages: 102 }]);
});

test('what is given back can be taken again, unless another worker has reserved what comes after it', async () => {
  const transport = await known({ rates: { second: 10, hour: 500 } });
  const first = await granted(transport, 40, now);
  await returnPermits(db, transport, 30, first);
  const second = await granted(transport, 10, after(100));
  expect(second.pace?.startsAt).toEqual(after(1_031));
  const third = (await granted(transport, 10, after(1_500))).pace?.startsAt.getTime() ?? 0;
  await returnPermits(db, transport, 10, second);
  expect((await granted(transport, 10, after(3_000))).pace?.startsAt).toEqual(new Date(third + 1_031));
  expect((await usage()).reduce((sum, { messages }) => sum + messages, 0)).toBe(30);
});

test('a notice is counted, also beyond the limit, and never held back', async () => {
  const transport = await known({ rates: { minute: 6, hour: 3 } });
  for (let notice = 0; notice < 4; notice += 1) await countNotice(db, transport, now);
  expect(await usage()).toMatchObject([{ messages: 4 }]);
  expect(await takePermits(db, transport, 1, now)).toMatchObject({ kind: 'none' });
  expect(await takePermits(db, transport, 1, new Date('2026-11-22T11:21:00Z'))).toMatchObject({ count: 1 });
});

test('minutes that count no more are forgotten', async () => {
  const transport = await known({ rates: { day: 500 } });
  for (const days of [0, 0.5, 1.2, 2]) await take(transport, 1, after(days * DAY_MS));
  expect(await usage()).toHaveLength(2);
});

test('a warm-up begins with the first message, not with the first question', async () => {
  const transport = await known({ warmUp: 10 });
  expect(await firstUse()).toEqual({ firstUsedAt: null });
  const day = DAY_MS;
  expect(await take(transport, 100, after(5 * day))).toBe(10);
  expect(await takePermits(db, transport, 100, after(5 * day))).toEqual(
    none(new Date('2026-11-28T10:21:00Z')),
  );
  expect(await take(transport, 100, after(6 * day + MINUTE_MS))).toBe(20);
  // Another worker, later, has it from the row.
  expect(await take(await known({ warmUp: 10 }), 100, after(7 * day + 2 * MINUTE_MS))).toBe(40);
  await countNotice(db, await known({ warmUp: 10 }), after(8 * day + 3 * MINUTE_MS));
  expect(await take(transport, 100, after(8 * day + 3 * MINUTE_MS))).toBe(79);
});

test('workers that ask all at once never get more together than the limit, nor less', async () => {
  const other = connectDatabase(database.url, () => {});
  try {
    const limits = { rates: { day: 1_000, hour: 137 } };
    const workers = [
      { on: db, transport: await known(limits) },
      { on: other, transport: await known(limits, other) },
    ];
    const asked = workers.flatMap(({ on, transport }) =>
      Array.from({ length: 20 }, async (_, at) => {
        const permits = await takePermits(on, transport, 5 + (at % 5), now);
        if (permits.kind === 'none') return 0;
        if (at % 4 > 0) return permits.count;
        await returnPermits(on, transport, 1, permits);
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
    expect(await usage()).toMatchObject([{ messages: 137 }]);
  } finally {
    await other.close();
  }
});
