import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startPrivateServer, type PrivateServer } from '../../../bench/support/private-server.js';
import { sql } from '../../../src/platform/db/sql.js';
import { fastFolder } from '../../support/fast-folder.js';
import { compileCheckout, runPaperround } from '../../support/paperround-process.js';
import { hasRedis, describeOnRedis, startTestRedis, type TestRedis } from '../../support/test-redis.js';
import { startTestPostgres } from '../../support/jest/test-postgres.js';
import { openFaultFixture, type FaultFixture } from './fault-fixture.js';
import type { SmtpStage } from '../../support/smtp-server.js';
import { waitUntil } from '../../support/wait-until.js';

// A small version of `npm run bench -- faults`: real worker processes, really killed.

const CONNECTIONS = 10;
jest.setTimeout(90_000);

beforeAll(compileCheckout, 120_000);

type Options = Omit<Parameters<typeof openFaultFixture>[0], 'redisUrl'> & {
  script?: Parameters<typeof openFaultFixture>[1];
};
type Use = (fixture: FaultFixture, redis: TestRedis | undefined) => Promise<void>;

/** Servers of its own, so that tests can run side by side. Whatever the fault, the ledger added up at every moment. */
async function withFixture({ script, ...options }: Options, use: Use): Promise<void> {
  const redis = hasRedis ? await startTestRedis() : undefined;
  const fixture = await openFaultFixture({ ...options, redisUrl: redis?.url }, script);
  try {
    await use(fixture, redis);
  } finally {
    await fixture.close();
    await redis?.kill();
  }
  expect(fixture.balance().wrong).toEqual([]);
  expect(fixture.balance().samples).toBeGreaterThan(10);
}

/** Nobody twice, and nobody left out but those named. */
function expectEachMailedOnce(fixture: FaultFixture, except: readonly string[] = []): void {
  const taken = fixture.accepted();
  const doubled = [...taken].filter(([, count]) => count > 1).map(([email]) => email);
  const missed = fixture.readers.filter((email) => !taken.has(email) && !except.includes(email));
  expect({ doubled, missed }).toEqual({ doubled: [], missed: [] });
}

async function countStates(fixture: FaultFixture): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const state of (await fixture.deliveryStates()).values()) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

async function uncertainReaders(fixture: FaultFixture): Promise<string[]> {
  return [...(await fixture.deliveryStates())].flatMap(([email, state]) =>
    state === 'uncertain' ? [email] : [],
  );
}

/** Kills worker after worker while each is sending, and leaves a living one. */
async function killWorkers(fixture: FaultFixture, times: number): Promise<void> {
  for (let kill = 1; kill <= times; kill += 1) {
    const before = fixture.testApp.smtp.messages.length;
    const worker = fixture.work();
    await fixture.untilAccepted(before + 40 + Math.floor(Math.random() * 40));
    await worker.end('SIGKILL');
    await sleep(50);
    expect((await countStates(fixture))['sending']).toBeGreaterThan(0);
  }
  fixture.work();
}

// Side by side: most of their time they wait until the leases of killed workers have run out.
describe('a worker that is killed while sending, three times', () => {
  test.concurrent('mails nobody twice under "hold", and lists everyone uncertain', () =>
    withFixture({ readers: 450, uncertain: 'hold' }, async (fixture) => {
      await killWorkers(fixture, 3);
      await fixture.untilDone();
      const uncertain = await uncertainReaders(fixture);
      expect(uncertain.length).toBeGreaterThan(0);
      expect(uncertain.length).toBeLessThanOrEqual(3 * CONNECTIONS);
      expectEachMailedOnce(fixture, uncertain);
      const ledger = await fixture.deliveryStates();
      const known = [...fixture.accepted().keys()].filter((email) => ledger.get(email) !== 'accepted');
      expect(uncertain).toEqual(expect.arrayContaining(known));
      expect(await countStates(fixture)).toEqual({
        accepted: 450 - uncertain.length,
        uncertain: uncertain.length,
      });
    }));

  test.concurrent('misses nobody under "resend", and mails twice only those who were uncertain, with the same Message-ID', () =>
    withFixture({ readers: 450 }, async (fixture) => {
      await killWorkers(fixture, 3);
      await waitUntil(async () => {
        const { accepted = 0, uncertain = 0 } = await countStates(fixture);
        return accepted + uncertain === 450;
      });
      const uncertain = await uncertainReaders(fixture);
      await fixture.untilDone({ hurry: true });
      expect(await countStates(fixture)).toEqual({ accepted: 450 });
      const taken = fixture.accepted();
      expect([...taken.keys()].toSorted()).toEqual(fixture.readers.toSorted());
      const doubled = [...taken].filter(([, count]) => count > 1).map(([email]) => email);
      expect(uncertain).toEqual(expect.arrayContaining(doubled));
      expect(doubled.length).toBeLessThanOrEqual(3 * CONNECTIONS);
      const ids = new Set(fixture.testApp.smtp.messages.map(({ to, raw }) => `${to} ${messageIdIn(raw)}`));
      expect(ids.size).toBe(450);
    }));
});

function messageIdIn(raw: Buffer): string {
  return /^message-id:\s*(\S+)/im.exec(raw.toString('latin1'))?.[1] ?? 'none';
}

test('workers that are asked to stop, three in a row, leave nothing uncertain and exit with 0', () =>
  withFixture({ readers: 400, uncertain: 'hold' }, async (fixture) => {
    for (let stop = 1; stop <= 3; stop += 1) {
      const before = fixture.testApp.smtp.messages.length;
      const worker = fixture.work();
      await fixture.untilAccepted(before + 50);
      const begun = performance.now();
      expect(await worker.end('SIGTERM')).toBe(0);
      expect(performance.now() - begun).toBeLessThan(30_000);
      const { sending = 0, uncertain = 0, queued = 0 } = await countStates(fixture);
      expect({ sending, uncertain }).toEqual({ sending: 0, uncertain: 0 });
      expect(queued).toBeGreaterThan(0);
    }
    fixture.work();
    await fixture.untilDone();
    expectEachMailedOnce(fixture);
    expect(await countStates(fixture)).toEqual({ accepted: 400 });
  }));

test('a quarter of all attempts fails for certain, and everybody is mailed once', async () => {
  let attempts = 0;
  const answers: Record<string, string> = {
    mail: '451 4.3.0 Try again later',
    rcpt: '450 4.2.1 Mailbox busy',
    data: 'hang-up',
    dot: '452 4.3.1 Disk full',
  };
  const script = (at: SmtpStage) => {
    const answer = answers[at];
    if (answer === undefined) return undefined;
    attempts += 1;
    return attempts % 17 === 0 ? answer : undefined;
  };
  await withFixture({ readers: 300, uncertain: 'hold', script }, async (fixture) => {
    fixture.work();
    await fixture.untilDone({ hurry: true });
    expectEachMailedOnce(fixture);
    expect(await countStates(fixture)).toEqual({ accepted: 300 });
  });
  expect(attempts).toBeGreaterThan(300 * 4);
});

test('a server that refuses everybody because of us pauses the digest, and costs no reader anything', async () => {
  let refuses = true;
  let refusals = 0;
  const script = (at: SmtpStage) => {
    if (at !== 'mail' || !refuses) return undefined;
    refusals += 1;
    return '554 5.7.1 Your host is on our list';
  };
  await withFixture({ readers: 300, uncertain: 'hold', script }, async (fixture) => {
    fixture.work();
    const { db, digestId } = fixture;
    const digest = () =>
      db.one<{ state: string; reason: string | null }>(sql`select state, reason from digests`);
    await waitUntil(async () => (await digest()).state === 'paused');
    await waitUntil(async () => (await countStates(fixture))['sending'] === undefined);
    expect((await digest()).reason).toContain('554 5.7.1 Your host is on our list');
    expect(refusals).toBeLessThanOrEqual(50);
    expect(await countStates(fixture)).toEqual({ queued: 300 });
    expect(await db.many(sql`select id from suppressions`)).toEqual([]);
    refuses = false;
    const { code, stderr } = await runPaperround(['digest', 'resume', digestId], fixture.environment);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    await fixture.untilDone({ hurry: true });
    expectEachMailedOnce(fixture);
    expect(await countStates(fixture)).toEqual({ accepted: 300 });
  });
});

describeOnRedis(() => {
  test('a Redis that loses everything, twice, costs nobody a mail and mails nobody twice', () =>
    withFixture({ readers: 400, uncertain: 'hold' }, async (fixture, redis) => {
      fixture.work();
      for (const count of [100, 200]) {
        await fixture.untilAccepted(count);
        await redis?.command('flushall');
      }
      await fixture.untilDone();
      expectEachMailedOnce(fixture);
      expect(await countStates(fixture)).toEqual({ accepted: 400 });
    }));
});

describe('a Postgres that dies at once and comes back', () => {
  const folder = mkdtempSync(join(fastFolder(), 'paperround-faults-'));
  chmodSync(folder, 0o755);
  const usual = process.env['PAPERROUND_TEST_DATABASE_URL'];
  let postgres: PrivateServer | undefined;

  beforeAll(async () => {
    postgres = await startPrivateServer('postgres', folder, () => {});
    process.env['PAPERROUND_TEST_DATABASE_URL'] = postgres?.url;
    await startTestPostgres(); // makes the template there
  }, 60_000);
  afterAll(async () => {
    process.env['PAPERROUND_TEST_DATABASE_URL'] = usual;
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  test('twice while sending, costs nobody a mail, mails nobody twice, and leaves nothing uncertain', () =>
    withFixture({ readers: 400, uncertain: 'hold' }, async (fixture) => {
      fixture.work();
      for (const count of [150, 250]) {
        await fixture.untilAccepted(count);
        expect((await countStates(fixture))['sending']).toBeGreaterThan(0);
        await postgres?.crash('SIGQUIT');
      }
      await fixture.untilDone();
      expectEachMailedOnce(fixture);
      expect(await countStates(fixture)).toEqual({ accepted: 400 });
    }));
});
