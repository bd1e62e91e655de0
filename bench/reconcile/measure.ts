import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { withFaultServers } from '../faults/scenario.js';
import { makeBatchesDue, readLedger } from '../support/ledger.js';
import type { Metric } from '../support/metrics.js';
import { startMilter } from '../support/postfix/milter.js';
import { whyNoJournal } from '../support/postfix/journal.js';
import { startPostfix, whyNoPostfix, type Postfix } from '../support/postfix/postfix.js';
import { between, seededRandom, type Random } from '../support/random.js';
import { withDatabase } from '../support/servers.js';
import type { Received } from '../support/sink/sinks.js';
import { killAtRandom, type KillCounts, type Victim } from './kills.js';
import { readDoubts, settle } from './settle.js';

type Source = {
  name: string;
  log: 'journal' | 'file';
  /** Of all kills. */
  share: number;
  victims: Partial<Record<Victim, number>>;
};

/**
 * A journal keeps what Postfix logs while its master(8) is away. The log that Postfix writes by itself does not, so there its
 * master(8) is left alone: the ends of that are in a test of the log.
 */
const sources: readonly Source[] = [
  {
    name: 'the journal',
    log: 'journal',
    share: 0.7,
    victims: { worker: 0.2, smtpd: 0.6, master: 0.1, 'whole-server': 0.1 },
  },
  { name: 'a log file', log: 'file', share: 0.3, victims: { worker: 0.25, smtpd: 0.75 } },
];

/** What a killed master(8) leaves is decided only six minutes later, for which a short run does not wait. */
const quickSources: readonly Source[] = sources
  .filter(({ log }) => log === 'journal')
  .map((source) => ({ ...source, victims: { worker: 0.2, smtpd: 0.7, master: 0.1 } }));

/** `uncertain=reconcile` beside a real Postfix, in which everybody is killed at random; counted by what Postfix has taken. */
export async function measureReconcile(bench: Bench): Promise<Metric[]> {
  const reason = whyNoPostfix() ?? whyNoJournal();
  if (reason !== undefined)
    return [{ bench: 'reconcile', what: 'not measured', value: undefined, unit: '', note: reason }];
  bench.log(`reconcile: seed ${bench.options.seed}`);
  const metrics: Metric[] = [];
  for (const source of bench.options.quick ? quickSources : sources)
    if (source.name.includes(bench.options.only ?? '')) metrics.push(...(await measureSource(bench, source)));
  return metrics;
}

/** So many mails go out between two kills, that none is the last. */
const MAILS_PER_KILL = 60;
/** Before it is asked about a mail, a log must go back some minutes further. */
const QUIET_BEFORE_MS = 250_000;

async function measureSource(bench: Bench, source: Source): Promise<Metric[]> {
  const { quick, kills, seed } = bench.options;
  const count = quick ? kills : Math.round(kills * source.share);
  const readers = bench.options.readers ?? Math.max(1_000, count * MAILS_PER_KILL);
  const { template, publicationId } = await bench.fixture(readers);
  const random = seededRandom(seed + source.name.length);
  const milter = await startMilter(() => judge(random));
  const where = { template, policy: 'hold' as const, seconds: 0, mails: readers };
  try {
    return await withFaultServers(bench, where, async ({ sink, settings, startWorker }) => {
      const postfix = await startPostfix({
        relayPort: sink.port,
        log: source.log,
        queueMegabytes: 48,
        main: {
          smtpd_milters: `inet:127.0.0.1:${milter.port}`,
          message_size_limit: '1000000',
          service_throttle_time: '1s',
        },
      });
      try {
        if (!quick) await sleep(QUIET_BEFORE_MS);
        const own = { ...settings, smtpUrl: smtpUrlOf(postfix, source) };
        const scene = {
          ...{ bench, settings: own, sink, postfix, random, shares: source.victims },
          rotates: source.log === 'file',
          startWorker: (machine?: string) => startWorker(machine, { environment: { SMTP_URL: own.smtpUrl } }),
        };
        return await withDatabase(bench.servers, settings.database, async (db) => {
          await makeBatchesDue(db, publicationId);
          const done = await killAtRandom(scene, count);
          const atFirst = await settle(db, publicationId, { isQuick: quick, log: bench.log });
          await waitForDelivery(sink);
          const ledger = await readLedger(db, publicationId);
          const doubts = await readDoubts(db, publicationId);
          return toMetrics(source, {
            ledger,
            received: await sink.recipients(),
            done,
            atFirst,
            doubts,
            seed,
          });
        });
      } finally {
        await postfix.stop();
      }
    });
  } finally {
    await milter.close();
  }
}

/** So that many kills fall between the final dot and its answer; one in fifty mails is refused at its end. */
function judge(random: Random): { waitMs: number; refuses: boolean } {
  const isSlow = random() < 0.15;
  return {
    waitMs: isSlow ? between(random, 300, 1_200) : between(random, 20, 200),
    refuses: random() < 0.02,
  };
}

function smtpUrlOf(postfix: Postfix, { log }: Source): string {
  const mailLog = log === 'journal' ? `journal:${postfix.log}` : postfix.log;
  return `${postfix.url}?uncertain=reconcile&mailLog=${encodeURIComponent(mailLog)}`;
}

/** Until what Postfix has taken has come out of it: nothing more comes for some seconds. */
async function waitForDelivery(sink: { messages(): Promise<number> }): Promise<void> {
  for (let last = -1, now = 0; last !== now; last = now, now = await sink.messages()) await sleep(6_000);
}

function toMetrics(
  { name }: Source,
  run: {
    ledger: Awaited<ReturnType<typeof readLedger>>;
    received: ReadonlyMap<string, Received>;
    done: KillCounts;
    atFirst: number;
    doubts: string;
    seed: number;
  },
): Metric[] {
  const { ledger, received, done, atFirst, doubts, seed } = run;
  const isIn = (state: string) => ledger.filter((entry) => entry.state === state);
  const taken = (email: string) => received.get(email)?.queueIds ?? 0;
  const missed = ledger.filter(({ email, state }) => taken(email) === 0 && state !== 'uncertain').length;
  const killed = Object.entries(done).map(([what, count]) => `${count} ${what}`);
  const kills = done.worker + done.smtpd + done.master + done['whole-server'];
  const line = { bench: 'reconcile' } as const;
  const note = `seed ${seed}; ${killed.join(', ')}; ${ledger.length} readers, ${atFirst} uncertain after the kills`;
  return [
    { ...line, what: `${name}: kills`, value: kills, unit: 'kills', note },
    { ...line, what: `${name}: missed`, value: missed, unit: 'readers', target: { max: 0 } },
    {
      ...line,
      what: `${name}: doubled`,
      value: ledger.filter(({ email }) => taken(email) > 1).length,
      unit: 'readers',
      target: { max: 0 },
    },
    {
      ...line,
      what: `${name}: uncertain after five minutes`,
      value: isIn('uncertain').length,
      unit: 'readers',
      target: { max: 0 },
      ...(doubts === '' ? {} : { note: doubts }),
    },
  ];
}
