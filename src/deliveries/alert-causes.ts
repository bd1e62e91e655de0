import type { ArticleHold } from '../articles/hold.js';
import { listUndecidedHolds } from '../articles/hold-reads.js';
import type { FailingFeed } from '../articles/feed.js';
import { listFailingFeeds } from '../articles/feed-reads.js';
import type { Digest } from '../digests/digest.js';
import { isPausedByAnswers } from '../digests/pause.js';
import { listStoppedDigests } from '../digests/reads.js';
import type { Db, Tx } from '../platform/db/database.js';
import type { Publication } from '../publications/publication.js';
import { listPublications } from '../publications/reads.js';
import type { Attack } from '../subscribers/attack.js';
import { listRunningAttacks } from '../subscribers/attack-reads.js';
import { countHeldSignUps } from '../subscribers/held-reads.js';
import { WHOLE_SERVER, type ShownCircuit } from '../transports/circuit.js';
import { listCircuits } from '../transports/reads.js';
import type { Cause } from './alert.js';
import { findAlert } from './alert-writes.js';

/** Of one newsletter; the oldest of more than this are not told of one by one. */
const MOST_DIGESTS = 50;

const DAY_MS = 24 * 3600 * 1000;
/** A site may be away for a night. */
const FAILING_FOR_MS = DAY_MS;
/** Who has left held articles or a broken feed alone for so long knows: the dashboard goes on showing them. */
const TOLD_FOR_MS = 7 * DAY_MS;

/** All that waits for an operator's word now. Nothing where no newsletter is published any more. */
export async function listCauses(db: Db | Tx, now: Date): Promise<Cause[]> {
  const publications = await listPublications(db);
  const stopped = await Promise.all(publications.map(({ id }) => listStoppedDigests(db, id, MOST_DIGESTS)));
  const digests = stopped.flat();
  const circuits = (await listCircuits(db)).filter(({ closesAt }) => closesAt === null);
  const holds = await listUndecidedHolds(db, ago(now, TOLD_FOR_MS));
  const feeds = await listFailingFeeds(db, { from: ago(now, TOLD_FOR_MS), to: ago(now, FAILING_FOR_MS) });
  const attacks = (await listRunningAttacks(db)).filter(
    ({ cause, publicationId }) => cause !== 'by-hand' && publications.some(({ id }) => id === publicationId),
  );
  return [
    ...heldDigests(digests),
    ...holds.map(heldArticles),
    ...failingFeeds(feeds),
    ...(await Promise.all(attacks.map((attack) => attackOn(db, attack)))),
    ...refusedDigests(digests, circuits),
    ...shut(circuits, publications, digests),
  ];
}

/** What an alert is about, as it is now. Undefined: it is over. */
export async function findCause(db: Db | Tx, alertId: string, now: Date): Promise<Cause | undefined> {
  const alert = await findAlert(db, alertId);
  return (await listCauses(db, now)).find(
    (cause) => cause.kind === alert?.kind && cause.id === alert.causeId,
  );
}

function ago(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() - milliseconds);
}

function heldArticles(hold: ArticleHold): Cause {
  return { kind: 'held-articles', id: hold.id, publicationId: hold.publicationId, hold };
}

/** What breaks one often breaks all: one mail names those of a newsletter. */
function failingFeeds(feeds: readonly FailingFeed[]): Cause[] {
  const ids = [...new Set(feeds.map(({ publicationId }) => publicationId))];
  return ids.map((id) => {
    const those = feeds.filter(({ publicationId }) => publicationId === id);
    return { kind: 'failing-feeds', id, publicationId: id, feeds: those };
  });
}

async function attackOn(db: Db | Tx, attack: Attack): Promise<Cause> {
  const { id, publicationId } = attack;
  return { kind: 'attack', id, publicationId, attack, held: await countHeldSignUps(db, publicationId) };
}

function heldDigests(digests: readonly Digest[]): Cause[] {
  return digests
    .filter(({ state }) => state === 'held')
    .map((digest) => ({ kind: 'held-digest', id: digest.id, publicationId: digest.publicationId, digest }));
}

/** Paused by mail servers' answers. While such a server is still left alone that is the cause, and one mail is enough. */
function refusedDigests(digests: readonly Digest[], circuits: readonly ShownCircuit[]): Cause[] {
  if (circuits.some(isWholeServer)) return [];
  return digests
    .filter(wasRefused)
    .map((digest) => ({ kind: 'paused-digest', id: digest.id, publicationId: digest.publicationId, digest }));
}

/** A mail server belongs to no newsletter: told in the name of one that waits for it, else of the oldest. */
function shut(
  circuits: readonly ShownCircuit[],
  publications: readonly Publication[],
  digests: readonly Digest[],
): Cause[] {
  const refused = digests.filter(wasRefused);
  const publicationId = refused[0]?.publicationId ?? publications[0]?.id;
  if (publicationId === undefined) return [];
  return circuits.map((circuit) => {
    const paused = isWholeServer(circuit) ? refused : [];
    return { kind: 'open-circuit', id: circuit.id, publicationId, circuit, paused };
  });
}

function isWholeServer({ domain }: Pick<ShownCircuit, 'domain'>): boolean {
  return domain === WHOLE_SERVER;
}

function wasRefused({ state, reason }: Digest): boolean {
  return state === 'paused' && isPausedByAnswers(reason);
}
