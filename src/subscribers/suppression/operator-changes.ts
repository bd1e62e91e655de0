import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { redactAddresses } from '../../platform/text/redact.js';
import { addressHashes, domainHash } from './address-hashes.js';
import {
  findSuppression,
  findAddressOf,
  listSuppressionsOfAddress,
  type SuppressionOfAddress,
} from './operator-reads.js';
import type { SuppressionReason } from './reads.js';
import { recordSuppressions } from './record-suppressions.js';
import { deleteSoftBouncesOfAddress } from './soft-bounce-writes.js';
import { storeAddressHash } from './hash-writes.js';
import { deleteSuppressions, insertSuppression, insertSuppressionChange } from './writes.js';

/** How long the reader herself can undo "Never email me", and nobody else. */
export const BLOCK_UNDO_MS = DAY_MS;

/** `publicationId` null: for all publications. `note`: why, in the operator's words. */
type OperatorChange = { publicationId: string | null; note: string };

type ChangeContext = Pick<Context, 'db' | 'now' | 'actor' | 'hashAddress'>;

type Suppressed = { kind: 'suppressed' | 'already-suppressed' };

/** Suppresses an address for one publication or all, and records why. Addresses in the note are not stored. */
export function suppressAddress(
  context: ChangeContext,
  { emailKey, ...change }: OperatorChange & { emailKey: string },
): Promise<Suppressed> {
  const addressHash = context.hashAddress(emailKey);
  return context.db.transaction(async (tx) => {
    await storeAddressHash(tx, emailKey, addressHash);
    return suppress(tx, context, { addressHash, domain: null }, change);
  });
}

/** Suppresses all addresses at a domain, and none below it. @param change `domain` as `parseDomain` gives it */
export function suppressDomain(
  context: ChangeContext,
  { domain, ...change }: OperatorChange & { domain: string },
): Promise<Suppressed> {
  const addressHash = domainHash(context.hashAddress, domain);
  return context.db.transaction((tx) => suppress(tx, context, { addressHash, domain }, change));
}

async function suppress(
  tx: Tx,
  context: ChangeContext,
  { addressHash, domain }: { addressHash: Buffer; domain: string | null },
  { publicationId, note }: OperatorChange,
): Promise<Suppressed> {
  const now = context.now();
  const added = await insertSuppression(tx, addressHash, publicationId, 'operator', now, domain);
  if (added === undefined) return { kind: 'already-suppressed' };
  const kept = redactAddresses(note);
  await recordSuppressions(tx, context, 'added', [{ ...added, domain }], kept);
  const change = { addressHash, publicationId, reason: 'operator', change: 'added' } as const;
  await insertSuppressionChange(tx, { ...change, changedBy: 'operator', note: kept }, now);
  return { kind: 'suppressed' };
}

/** Why mail to an address was stopped, or still is. `everywhere`: for all publications. `domain`: to all addresses there. */
type SuppressedFor = { reason: SuppressionReason; everywhere: boolean; domain?: string };

export type OperatorLift = {
  lifted: SuppressedFor[];
  /** What still keeps mail from the address, in the publication or anywhere. */
  remaining: SuppressedFor[];
  /** Until when a block is the reader's own to undo; null: none was kept for that. */
  readerMayUndoUntil: Date | null;
};

/**
 * Lifts what keeps mail from an address, and records why: of one publication, with bounces, which hold for all; or, with
 * `publicationId` null, everything. An erasure stays, since only a new double opt-in ends it, and so does what holds for a domain.
 */
export function liftAsOperator(
  context: ChangeContext,
  { emailKey, ...change }: OperatorChange & { emailKey: string },
): Promise<OperatorLift> {
  const hashes = addressHashes(context.hashAddress, emailKey);
  return context.db.transaction(async (tx) => {
    const all = await listSuppressionsOfAddress(tx, hashes);
    return lift(tx, context, all, change, ({ domain }) => domain === null);
  });
}

/** Lets mail go to a domain again. Single addresses there stay as they are. */
export function liftDomain(
  context: ChangeContext,
  { domain, ...change }: OperatorChange & { domain: string },
): Promise<OperatorLift> {
  const hash = domainHash(context.hashAddress, domain);
  return context.db.transaction(async (tx) =>
    lift(tx, context, await listSuppressionsOfAddress(tx, [hash]), change, () => true),
  );
}

/**
 * Lifts one of the list, where it is of the publication, or a bounce; or, with `publicationId` null, any.
 * @returns undefined: there is none, or it is of another publication
 */
export function liftListed(
  context: ChangeContext,
  { id, ...change }: OperatorChange & { id: string },
): Promise<OperatorLift | undefined> {
  return context.db.transaction(async (tx) => {
    const found = await findSuppression(tx, id);
    if (found === undefined || !holdsFor(found, change.publicationId)) return undefined;
    return lift(tx, context, [found], change, () => true);
  });
}

async function lift(
  tx: Tx,
  context: ChangeContext,
  all: readonly SuppressionOfAddress[],
  { publicationId, note }: OperatorChange,
  isMeant: (one: SuppressionOfAddress) => boolean,
): Promise<OperatorLift> {
  const now = context.now();
  const standing = all.filter((one) => one.reason !== 'erased' && holdsFor(one, publicationId));
  const named = standing.filter((one) => isMeant(one) && isNamed(one, publicationId));
  const block = named.find((one) => mayReaderUndo(one, now));
  const lifted = named.filter((one) => !mayReaderUndo(one, now));
  await deleteLifted(tx, context, lifted, redactAddresses(note));
  return {
    lifted: lifted.map(suppressedFor),
    remaining: standing.filter((one) => !lifted.includes(one)).map(suppressedFor),
    readerMayUndoUntil: block === undefined ? null : undoEnd(block),
  };
}

async function deleteLifted(
  tx: Tx,
  context: ChangeContext,
  lifted: readonly SuppressionOfAddress[],
  note: string,
): Promise<void> {
  await deleteSuppressions(
    tx,
    lifted.map(({ id }) => id),
  );
  await recordSuppressions(tx, context, 'lifted', lifted, note);
  for (const { addressHash, publicationId, reason } of lifted) {
    const known = reason === 'bounced' ? await findAddressOf(tx, addressHash) : undefined;
    if (known !== undefined) await deleteSoftBouncesOfAddress(tx, known.emailKey);
    const change = { addressHash, publicationId, reason, change: 'lifted' } as const;
    await insertSuppressionChange(tx, { ...change, changedBy: 'operator', note }, context.now());
  }
}

function holdsFor(one: SuppressionOfAddress, publicationId: string | null): boolean {
  return publicationId === null || one.publicationId === publicationId || one.publicationId === null;
}

function isNamed({ reason, ...one }: SuppressionOfAddress, publicationId: string | null): boolean {
  return publicationId === null || one.publicationId === publicationId || reason === 'bounced';
}

function mayReaderUndo(one: Pick<SuppressionOfAddress, 'reason' | 'createdAt'>, now: Date): boolean {
  return one.reason === 'never' && undoEnd(one) > now;
}

function undoEnd({ createdAt }: Pick<SuppressionOfAddress, 'createdAt'>): Date {
  return new Date(createdAt.getTime() + BLOCK_UNDO_MS);
}

function suppressedFor({ reason, publicationId, domain }: SuppressionOfAddress): SuppressedFor {
  return { reason, everywhere: publicationId === null, ...(domain !== null && { domain }) };
}

/** What an operator of one publication can do about a suppression: lift it, or whose it is to lift. */
export type LiftRight = 'operator' | 'administrator' | 'reader-for-a-day' | 'reader';

/** Who may lift a suppression, by the rules of `liftListed`. */
export function whoMayLift(
  { reason, everywhere, createdAt }: { reason: SuppressionReason; everywhere: boolean; createdAt: Date },
  now: Date,
): LiftRight {
  if (reason === 'erased') return 'reader';
  if (mayReaderUndo({ reason, createdAt }, now)) return 'reader-for-a-day';
  return everywhere && reason !== 'bounced' ? 'administrator' : 'operator';
}
