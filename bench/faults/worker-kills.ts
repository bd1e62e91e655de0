import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { listUncertain } from './ledger-check.js';
import { faultMetric, toMetrics } from './metrics.js';
import { CONNECTIONS, sleepRandomly, runScenario, waitForMessages, type FaultContext } from './scenario.js';
import type { Metric } from '../support/metrics.js';
import { countStates } from '../support/ledger.js';
import type { BenchProcess } from '../support/processes.js';

const KILL_COUNT = 30;

/** What was found just after a kill. `sending` above 0 proves that the worker was sending. */
type Kill = {
  /** In the ledger and at the sink when the worker was dead. */
  sending: number;
  accepted: number;
  messages: number;
};

type KillRun = { kills: Kill[]; uncertain: Set<string> };

/** kill -9 at random moments, with the policy that sends again and with the one that does not. */
export async function measureKills(bench: Bench): Promise<Metric[]> {
  return [...(await measureKillsWith(bench, 'resend')), ...(await measureKillsWith(bench, 'hold'))];
}

async function measureKillsWith(bench: Bench, policy: 'resend' | 'hold'): Promise<Metric[]> {
  const what = `kill -9 x ${KILL_COUNT}, uncertain=${policy}`;
  let killed: KillRun = { kills: [], uncertain: new Set() };
  const result = await runScenario(bench, { policy, seconds: 45 }, async (context) => {
    const kills = await killRepeatedly(context);
    const last = context.startWorker();
    await waitUntilOnlyUncertain(context);
    killed = { kills, uncertain: await listUncertain(context.db, context.fixture.publicationId) };
    await context.finish({ resend: policy === 'resend' });
    await last.stop();
  });
  const { kills, uncertain } = killed;
  const unannounced = result.doubledReaders.filter((email) => !uncertain.has(email)).length;
  const targets =
    policy === 'resend'
      ? { missed: 0, doubled: KILL_COUNT * CONNECTIONS, uncertain: 0 }
      : { missed: 0, doubled: 0, uncertain: KILL_COUNT * CONNECTIONS };
  return [
    ...toMetrics(what, result, targets, {
      note: describeKills(kills, policy),
      invalid: killsInvalidReason(kills),
    }),
    faultMetric(`${what}: uncertain after the kills`, uncertain.size, 'readers', {
      max: KILL_COUNT * CONNECTIONS,
    }),
    faultMetric(`${what}: doubled and never called uncertain`, unannounced, 'readers', { max: 0 }),
    faultMetric(`${what}: kills while sending`, kills.length, 'kills', { min: KILL_COUNT }),
  ];
}

/** Starts worker after worker; each is killed a random time after the sink has taken its first message. */
async function killRepeatedly(context: FaultContext): Promise<Kill[]> {
  const kills: Kill[] = [];
  let messages = 0;
  for (let number = 1; number <= KILL_COUNT; number += 1) {
    const worker = context.startWorker();
    messages = await waitForMessages(context, 1, messages);
    await sleepRandomly(50, 900);
    await worker.stop('SIGKILL');
    kills.push(await inspectAfterKill(context));
    messages = kills.at(-1)?.messages ?? messages;
  }
  return kills;
}

/** What the kill left: nobody writes until the next worker is started. */
async function inspectAfterKill({ db, fixture, sink }: FaultContext): Promise<Kill> {
  await sleep(50); // the kernel may still hold bytes for the sink
  const { sending = 0, accepted = 0 } = await countStates(db, fixture.publicationId);
  return { sending, accepted, messages: await sink.messages() };
}

/** Until only uncertain mails are left: from then on the server's `uncertain` policy decides. */
async function waitUntilOnlyUncertain({ db, fixture }: FaultContext): Promise<void> {
  for (const end = Date.now() + 150_000; Date.now() < end; await sleep(100)) {
    const { planned, accepted = 0, uncertain = 0 } = await countStates(db, fixture.publicationId);
    if (accepted + uncertain === planned) return;
  }
  throw new Error('What was not uncertain after the kills was not sent.');
}

/** Each kill must have found mails being sent, and the ledger and the sink must have had more than at the kill before. */
function killsInvalidReason(kills: readonly Kill[]): string | undefined {
  const idle = kills.filter(({ sending }) => sending === 0).length;
  const stuck = kills.filter(({ messages, accepted }, at) => {
    const before = kills[at - 1];
    return before !== undefined && (messages <= before.messages || accepted <= before.accepted);
  }).length;
  if (idle + stuck === 0) return undefined;
  return `${idle} kills found nothing in sending, and before ${stuck} nothing had been accepted since the last`;
}

function describeKills(kills: readonly Kill[], policy: string): string {
  const sending = kills.map((kill) => kill.sending).toSorted((a, b) => a - b);
  const waited =
    policy === 'resend' ? '; the ten minutes that uncertain mails wait were skipped after the kills' : '';
  return `at the kills ${sending[0]} to ${sending.at(-1)} were in sending${waited}`;
}

const SHARED_KILL_COUNT = 10;

/** Two workers of one machine at the same digest; one of them is killed, and the other goes on and takes over. */
export async function measureKillsWithSharedDataDir(bench: Bench): Promise<Metric[]> {
  const what = `two workers, one DATA_DIR, kill -9 x ${SHARED_KILL_COUNT}`;
  const kills: Kill[] = [];
  const result = await runScenario(bench, { policy: 'hold', seconds: 60 }, async (context) => {
    const workers = [context.startWorker(), context.startWorker()];
    let messages = 0;
    for (let number = 0; number < SHARED_KILL_COUNT; number += 1) {
      messages = await waitForMessages(context, 50, messages);
      await sleepRandomly(300, 1_500);
      const [victim, survivor] = workers.splice(0) as [BenchProcess, BenchProcess];
      await victim.stop('SIGKILL');
      kills.push(await inspectAfterKill(context));
      messages = await waitForMessages(context, 1, kills.at(-1)?.messages ?? messages);
      // The survivor is the next victim.
      workers.push(survivor, context.startWorker());
    }
    await context.finish();
    for (const worker of workers) await worker.stop();
  });
  const max = SHARED_KILL_COUNT * CONNECTIONS;
  const idle = kills.filter(({ sending }) => sending === 0).length;
  return toMetrics(
    what,
    result,
    { missed: 0, doubled: 0, uncertain: max },
    {
      note: 'uncertain=hold',
      invalid: idle > 0 ? `${idle} kills found nothing in sending` : undefined,
    },
  );
}
