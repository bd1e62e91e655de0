import { setTimeout as sleep } from 'node:timers/promises';
import { connectDatabase, type Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import { deliveryStates } from '../../src/deliveries/delivery.js';
import type { CountingSink } from '../support/sink/sinks.js';
import { createSilenceMeter } from './silence.js';

/** What the samples of the ledger showed while mails were sent. */
export type LedgerSamples = {
  samples: number;
  /** What was wrong, in sentences; the first few. */
  violations: string[];
  /** The most deliveries that were being sent at once. */
  mostSending: number;
  /** The longest time for which something was due and the mail server took nothing, in seconds. */
  silenceSeconds: number;
};

export type LedgerSample = Record<string, number> & {
  planned: number;
  unclaimed: number;
  largestLease: number;
  /** Batches with something to do now. */
  due: number;
};

export type WatchOptions = {
  publicationId: string;
  /** Of its digests together; undefined while more are ordered. */
  readers?: number | undefined;
  /** Batches that nobody may go on with yet: those of a machine that is gone, by their leases. */
  listLostLeases?: () => string[];
  /** False while nobody may send anything: the clocks of all workers are wrong. */
  maySend?: () => boolean;
};

const SAMPLE_INTERVAL_MS = 500;
/** Most deliveries that one lease may be sending at once. */
const MAX_CHUNK_SIZE = 1_000;

/** Samples the ledger twice a second, over a connection of its own, until it is stopped. */
export function watchLedger(
  databaseUrl: string,
  { publicationId, readers, listLostLeases = () => [], maySend = () => true }: WatchOptions,
  sink: Pick<CountingSink, 'messages'>,
): { seen: LedgerSamples; stop(): Promise<void> } {
  const db = connectDatabase(databaseUrl, () => {}, 1);
  const seen: LedgerSamples = { samples: 0, violations: [], mostSending: 0, silenceSeconds: 0 };
  const silence = createSilenceMeter();
  let accepted = 0;
  const stopping = new AbortController();
  const takeSample = async () => {
    // While Postgres is down there is nothing to see.
    const sample = await readSample(db, publicationId, listLostLeases()).catch(() => undefined);
    const messages = await sink.messages();
    silence.record({ at: performance.now(), messages, isDue: sample && sample.due > 0 && maySend() });
    seen.silenceSeconds = silence.longestMs() / 1000;
    if (sample === undefined) return;
    seen.samples += 1;
    seen.mostSending = Math.max(seen.mostSending, sample['sending'] ?? 0);
    const found = findViolations(sample, { readers, messages, accepted });
    accepted = sample['accepted'] ?? 0;
    if (seen.violations.length < 5) seen.violations.push(...found);
  };
  const watching = (async () => {
    for (; !stopping.signal.aborted; await sleep(SAMPLE_INTERVAL_MS)) await takeSample();
    await takeSample();
  })();
  return {
    seen,
    stop: async () => {
      stopping.abort();
      await watching.finally(() => db.close());
    },
  };
}

/** One statement, so that all counts are of one moment. */
export function readSample(
  db: Db,
  publicationId: string,
  lostLeases: readonly string[] = [],
): Promise<LedgerSample> {
  return db.one<LedgerSample>(sql`
    with rows as (
      select d.state, b.number, b.leased_until
        from deliveries d
        join digests g on g.id = d.digest_id
        join batches b on b.digest_id = d.digest_id and b.number = d.batch
       where g.publication_id = ${publicationId}
    )
    select count(*) as planned,
           count(*) filter (where state = 'queued') as queued,
           count(*) filter (where state = 'sending') as sending,
           count(*) filter (where state = 'accepted') as accepted,
           count(*) filter (where state = 'deferred') as deferred,
           count(*) filter (where state = 'rejected') as rejected,
           count(*) filter (where state = 'uncertain') as uncertain,
           count(*) filter (where state = 'skipped') as skipped,
           count(*) filter (where state = 'sending' and leased_until is null) as unclaimed,
           coalesce((select max(count)
                       from (select count(*) from rows where state = 'sending' group by number) as each), 0) as largest_lease,
           (select count(*)
              from batches b
              join digests g on g.id = b.digest_id
             where g.publication_id = ${publicationId}
               and g.state = 'sending'
               and b.due_at <= now()
               and (b.lease_token is null or b.lease_token <> all(${[...lostLeases]}::uuid[]))) as due
      from rows
  `);
}

/**
 * What is wrong with a sample, in sentences. `messages`: how many the sink had just after the sample; it must have all that
 * the ledger calls accepted. `accepted`: how many the ledger called accepted in the sample before.
 */
export function findViolations(
  sample: LedgerSample,
  { readers, messages, accepted }: { readers: number | undefined; messages: number; accepted: number },
): string[] {
  const sum = deliveryStates.reduce((all, state) => all + (sample[state] ?? 0), 0);
  const now = sample['accepted'] ?? 0;
  const found: string[] = [];
  const planned = readers ?? sample.planned;
  if (sample.planned !== planned || sum !== planned)
    found.push(`${planned} were planned, the ledger has ${sample.planned} and its states add up to ${sum}`);
  if (sample.unclaimed > 0) found.push(`${sample.unclaimed} are being sent by nobody`);
  if (sample.largestLease > MAX_CHUNK_SIZE) found.push(`one lease is sending ${sample.largestLease} at once`);
  if (now > messages) found.push(`the ledger calls ${now} accepted when the sink had ${messages}`);
  if (now < accepted) found.push(`accepted fell from ${accepted} to ${now}`);
  return found;
}
