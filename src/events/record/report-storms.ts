import type { Tx } from '../../platform/db/database.js';
import { redactAddresses } from '../../platform/text/redact.js';
import { countRecentBounces } from '../../subscribers/suppression/reads.js';
import { liftBouncesOfStorm, type Bounce } from '../../subscribers/suppression/suppress-bounced.js';
import { applyFinding } from '../../transports/circuits/apply-finding.js';
import type { Circuit } from '../../transports/circuits/circuit.js';
import { BOUNCE_STORM_WINDOW_MS } from '../../transports/circuits/domain-history.js';
import { isBounceStorm } from '../../transports/circuits/failure-thresholds.js';
import { countReadersAt } from './reads.js';

/** `lifted`: how many suppressions its own bounces had made before it was found. */
export type ReportedStorm = { circuit: Circuit; lifted: number };

/** A bounce that was reported, with the words of the report. */
export type ReportedBounce = Bounce & { reason: string };

/**
 * Begins a storm of bounces for each domain of which so many addresses are reported within an hour that no single bounce is to be
 * believed, by the measure of the session: what is reported later says no word in a session that could be counted there. Of the
 * mails to a domain its readers are taken for the number, since each digest has one for each.
 */
export async function openReportedStorms(
  tx: Tx,
  bounces: readonly ReportedBounce[],
  now: Date,
): Promise<ReportedStorm[]> {
  const opened: ReportedStorm[] = [];
  for (const those of groupByDomain(bounces)) {
    const storm = await openStorm(tx, those, now);
    if (storm !== undefined) opened.push(storm);
  }
  return opened;
}

/** In an order that is the same for all, as each storm waits for its turn. */
function groupByDomain(bounces: readonly ReportedBounce[]): ReportedBounce[][] {
  const groups = new Map<string, ReportedBounce[]>();
  for (const bounce of bounces) {
    const key = `${bounce.transportId} ${bounce.domain}`;
    groups.set(key, [...(groups.get(key) ?? []), bounce]);
  }
  return [...groups].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group);
}

/** One in twenty: with so many readers and no more it may be a storm. */
const READERS_PER_BOUNCE = 20;

async function openStorm(
  tx: Tx,
  those: readonly ReportedBounce[],
  now: Date,
): Promise<ReportedStorm | undefined> {
  const [first] = those;
  if (first === undefined || first.domain === '') return undefined;
  const { transportId, domain } = first;
  const since = new Date(now.getTime() - BOUNCE_STORM_WINDOW_MS);
  const hashes = those.map(({ addressHash }) => addressHash);
  const failureCount = await countRecentBounces(tx, { transportId, domain }, hashes, since);
  const replyCount = await countReadersAt(tx, domain, failureCount * READERS_PER_BOUNCE);
  if (!isBounceStorm({ replyCount, rejectedCount: failureCount })) return undefined;
  const reason = redactAddresses(first.reason);
  const circuit = {
    transportId,
    domain,
    kind: 'bounces',
    reason,
    replyCount,
    failureCount,
    closesAt: null,
  } as const;
  const change = await applyFinding(tx, { kind: 'failing', circuit }, now);
  if (change?.kind !== 'opened') return undefined;
  return { circuit: change.circuit, lifted: await liftBouncesOfStorm(tx, change.circuit, now) };
}
