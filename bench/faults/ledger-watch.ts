import { setTimeout as sleep } from 'node:timers/promises';
import { connectDatabase, type Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import { deliveryStates } from '../../src/deliveries/delivery.js';
import type { Fixture } from '../seed/fixture.js';
import type { CountingSink } from '../support/sink/sinks.js';

/** What the samples of the ledger showed while mails were sent. */
export type LedgerSamples = {
  samples: number;
  /** What was wrong, in sentences; the first few. */
  violations: string[];
  /** The most deliveries that were being sent at once. */
  mostSending: number;
};

export type LedgerSample = Record<string, number> & {
  planned: number;
  unclaimed: number;
  largestLease: number;
};

const SAMPLE_INTERVAL_MS = 500;
/** Most deliveries that one lease may be sending at once. */
const MAX_CHUNK_SIZE = 1_000;

/** Samples the ledger twice a second, over a connection of its own, until it is stopped. */
export function watchLedger(
  databaseUrl: string,
  { publicationId, readers }: Pick<Fixture, 'publicationId' | 'readers'>,
  sink: Pick<CountingSink, 'messages'>,
): { seen: LedgerSamples; stop(): Promise<void> } {
  const db = connectDatabase(databaseUrl, () => {}, 1);
  const seen: LedgerSamples = { samples: 0, violations: [], mostSending: 0 };
  let accepted = 0;
  const stopping = new AbortController();
  const takeSample = async () => {
    // While Postgres is down there is nothing to see.
    const sample = await readSample(db, publicationId).catch(() => undefined);
    if (sample === undefined) return;
    const messages = await sink.messages();
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
export function readSample(db: Db, publicationId: string): Promise<LedgerSample> {
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
                       from (select count(*) from rows where state = 'sending' group by number) as each), 0) as largest_lease
      from rows
  `);
}

/**
 * What is wrong with a sample, in sentences. `messages`: how many the sink had just after the sample; it must have all that
 * the ledger calls accepted. `accepted`: how many the ledger called accepted in the sample before.
 */
export function findViolations(
  sample: LedgerSample,
  { readers, messages, accepted }: { readers: number; messages: number; accepted: number },
): string[] {
  const sum = deliveryStates.reduce((all, state) => all + (sample[state] ?? 0), 0);
  const now = sample['accepted'] ?? 0;
  const found: string[] = [];
  if (sample.planned !== readers || sum !== readers)
    found.push(`${readers} were planned, the ledger has ${sample.planned} and its states add up to ${sum}`);
  if (sample.unclaimed > 0) found.push(`${sample.unclaimed} are being sent by nobody`);
  if (sample.largestLease > MAX_CHUNK_SIZE) found.push(`one lease is sending ${sample.largestLease} at once`);
  if (now > messages) found.push(`the ledger calls ${now} accepted when the sink had ${messages}`);
  if (now < accepted) found.push(`accepted fell from ${accepted} to ${now}`);
  return found;
}
