import type { ArticleHold } from '../../articles/release/hold.js';
import { listUndecidedHolds } from '../../articles/release/reads.js';
import type { FailingFeed } from '../../articles/feeds/feed.js';
import { listFailingFeeds } from '../../articles/feeds/reads.js';
import type { Digest } from '../../digests/digest.js';
import { listStoppedDigests } from '../../digests/reads.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import type { FailedRow } from '../../platform/jobs/failed-rows.js';
import type { WorseCheck } from '../../publications/check.js';
import type { Publication } from '../../publications/publication.js';
import { listPublications, listWorseDns } from '../../publications/reads.js';
import type { Attack } from '../../subscribers/attack/attack.js';
import { listRunningAttacks } from '../../subscribers/attack/reads.js';
import {
  isUnreachable,
  isWholeServer,
  type CircuitWithTransport,
} from '../../transports/circuits/circuit.js';
import { findCircuit } from '../../transports/circuits/reads.js';
import { isInForce, listProviderLimits, type ProviderLimit } from '../../transports/provider-limits/reads.js';
import { listCircuitsWithMail } from '../waiting-mail.js';
import { MIN_UNREACHABLE_MS, type AlertCause } from './alert.js';
import { listInboundCauses } from './inbound-causes.js';
import { listReturnCauses } from './return-causes.js';
import { listSystemCauses } from './system-causes.js';
import { listFailedRows } from './reads.js';
import { findAlert } from './reads.js';
import { countHeldSignUps } from '../../subscribers/sign-up/reads.js';

/** Stopped digests of one publication that have alerts of their own, the newest. */
const MAX_DIGESTS = 50;

/** Failed rows that are looked at; an alert names fewer. */
const MAX_FAILED_ROWS = 1000;

/** A site may be away for a night. */
const MIN_FAILING_MS = DAY_MS;
/** Held articles and failing feeds that are older are only on the dashboard: operators have been mailed about them all week. */
const MAX_CAUSE_AGE_MS = 7 * DAY_MS;

/** Everything that waits for an operator to decide now; nothing of archived publications. */
export async function listCauses(db: Db | Tx, now: Date): Promise<AlertCause[]> {
  const publications = await listPublications(db);
  const stopped = await Promise.all(publications.map(({ id }) => listStoppedDigests(db, id, MAX_DIGESTS)));
  const digests = stopped.flat();
  const circuits = (await listCircuitsWithMail(db)).filter((circuit) => isForOperators(circuit, now));
  const holds = await listUndecidedHolds(db, earlierBy(now, MAX_CAUSE_AGE_MS));
  const feeds = await listFailingFeeds(db, {
    from: earlierBy(now, MAX_CAUSE_AGE_MS),
    to: earlierBy(now, MIN_FAILING_MS),
  });
  const since = earlierBy(now, MAX_CAUSE_AGE_MS);
  const failedRows = await listFailedRows(db, { since, limit: MAX_FAILED_ROWS });
  const attacks = (await listRunningAttacks(db)).filter(
    ({ cause, publicationId }) => cause !== 'by-hand' && publications.some(({ id }) => id === publicationId),
  );
  return [
    ...(await listSystemCauses(db, publications)),
    ...(await listInboundCauses(db, publications, now)),
    ...providerLimitCauses(await listProviderLimits(db), publications, now),
    ...(await listReturnCauses(db, publications, now)),
    ...(await listWorseDns(db)).map(worseDnsCause),
    ...heldDigestCauses(digests),
    ...holds.map(heldArticlesCause),
    ...failingFeedCauses(feeds),
    ...failedRowCauses(failedRows),
    ...(await Promise.all(attacks.map((attack) => attackCause(db, attack)))),
    ...pausedDigestCauses(digests, circuits),
    ...openCircuitCauses(circuits, publications, digests),
  ];
}

/**
 * What an alert is about, as it is now. Undefined: it is over, and nobody needs to know; but whoever could not be mailed because
 * a server was away is told of that afterwards.
 */
export async function findCause(db: Db | Tx, alertId: string, now: Date): Promise<AlertCause | undefined> {
  const alert = await findAlert(db, alertId);
  if (alert === undefined) return undefined;
  const causes = await listCauses(db, now);
  const current = causes.find((cause) => cause.kind === alert.kind && cause.id === alert.causeId);
  if (current !== undefined || alert.kind !== 'open-circuit') return current;
  const circuit = await findCircuit(db, alert.causeId);
  if (circuit === undefined || !isUnreachable(circuit)) return undefined;
  return { kind: 'open-circuit', id: circuit.id, publicationId: alert.publicationId, circuit, paused: [] };
}

/** Those that only an operator can close, and those of servers that have not let us in for longer than a restart takes. */
function isForOperators({ kind, closesAt, openedAt }: CircuitWithTransport, now: Date): boolean {
  if (isUnreachable({ kind })) return openedAt <= earlierBy(now, MIN_UNREACHABLE_MS);
  return closesAt === null;
}

function earlierBy(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() - milliseconds);
}

function heldArticlesCause(hold: ArticleHold): AlertCause {
  return { kind: 'held-articles', id: hold.id, publicationId: hold.publicationId, hold };
}

/** What breaks one feed often breaks all: one mail names those of a publication. */
function failingFeedCauses(feeds: readonly FailingFeed[]): AlertCause[] {
  const ids = [...new Set(feeds.map(({ publicationId }) => publicationId))];
  return ids.map((id) => {
    const those = feeds.filter(({ publicationId }) => publicationId === id);
    return { kind: 'failing-feeds', id, publicationId: id, feeds: those };
  });
}

/** What is wrong with one row is often wrong with many: one mail names those of a publication. */
function failedRowCauses(rows: readonly FailedRow[]): AlertCause[] {
  const ids = [...new Set(rows.map(({ publicationId }) => publicationId))];
  return ids.map((id) => {
    const those = rows.filter(({ publicationId }) => publicationId === id);
    return { kind: 'failed-rows', id, publicationId: id, rows: those };
  });
}

/** One mail names all providers, in the name of the oldest newsletter, whose id is the cause's. */
function providerLimitCauses(
  limits: readonly ProviderLimit[],
  [oldest]: readonly Publication[],
  now: Date,
): AlertCause[] {
  const inForce = limits.filter((limit) => isInForce(limit, now));
  if (oldest === undefined || inForce.length === 0) return [];
  return [{ kind: 'provider-limits', id: oldest.id, publicationId: oldest.id, limits: inForce }];
}

function worseDnsCause({ publicationId, worse }: { publicationId: string; worse: WorseCheck[] }): AlertCause {
  return { kind: 'worse-dns', id: publicationId, publicationId, worse };
}

async function attackCause(db: Db | Tx, attack: Attack): Promise<AlertCause> {
  const { id, publicationId } = attack;
  return { kind: 'attack', id, publicationId, attack, held: await countHeldSignUps(db, publicationId) };
}

function heldDigestCauses(digests: readonly Digest[]): AlertCause[] {
  return (
    digests
      // Whoever held it by hand knows.
      .filter(({ state, holdReasons }) => state === 'held' && !holdReasons.includes('by-hand'))
      .map((digest) => ({ kind: 'held-digest', id: digest.id, publicationId: digest.publicationId, digest }))
  );
}

/** Paused by mail servers' replies. While such a server's circuit is open that is the cause, and one mail is enough. */
function pausedDigestCauses(
  digests: readonly Digest[],
  circuits: readonly CircuitWithTransport[],
): AlertCause[] {
  if (circuits.some((circuit) => isWholeServer(circuit) && !isUnreachable(circuit))) return [];
  return digests
    .filter(isPausedByServer)
    .map((digest) => ({ kind: 'paused-digest', id: digest.id, publicationId: digest.publicationId, digest }));
}

/** A mail server belongs to no publication: the alert is in the name of one that waits for it, else of the oldest. */
function openCircuitCauses(
  circuits: readonly CircuitWithTransport[],
  publications: readonly Publication[],
  digests: readonly Digest[],
): AlertCause[] {
  const refused = digests.filter(isPausedByServer);
  const publicationId = refused[0]?.publicationId ?? publications[0]?.id;
  if (publicationId === undefined) return [];
  return circuits.map((circuit) => {
    const paused = isWholeServer(circuit) && !isUnreachable(circuit) ? refused : [];
    return { kind: 'open-circuit', id: circuit.id, publicationId, circuit, paused };
  });
}

function isPausedByServer({ state, pausedBy }: Digest): boolean {
  return state === 'paused' && pausedBy === 'mail-server';
}
