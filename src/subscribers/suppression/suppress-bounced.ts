import { bySystem } from '../../platform/actor.js';
import type { Tx } from '../../platform/db/database.js';
import type { Circuit } from '../../transports/circuits/circuit.js';
import { BOUNCE_STORM_WINDOW_MS } from '../../transports/circuits/domain-history.js';
import { recordSuppressions } from './record-suppressions.js';
import {
  deleteBouncesOfStorm,
  deleteOldRecentBounces,
  insertBounces,
  insertComplaints,
  insertRestingMailboxes,
} from './writes.js';

/** An address that a server called bad for good. */
export type Bounce = { addressHash: Buffer; transportId: number; domain: string };

/**
 * Suppresses addresses that are bad for good, for all publications. The caller has made sure that their domain is not in a
 * storm of bounces.
 */
export async function suppressBounced(tx: Tx, bounces: readonly Bounce[], now: Date): Promise<void> {
  if (bounces.length === 0) return;
  await recordSuppressions(tx, bySystem(now), 'added', await insertBounces(tx, bounces, now));
}

/** Suppresses addresses, for all publications, that several digests over weeks could not reach. No storm speaks against that. */
export async function suppressResting(tx: Tx, addressHashes: readonly Buffer[], now: Date): Promise<void> {
  if (addressHashes.length === 0) return;
  await recordSuppressions(tx, bySystem(now), 'added', await insertRestingMailboxes(tx, addressHashes, now));
}

/** Suppresses addresses of readers who called a mail spam, for all publications. */
export async function suppressComplained(tx: Tx, addressHashes: readonly Buffer[], now: Date): Promise<void> {
  if (addressHashes.length === 0) return;
  await recordSuppressions(tx, bySystem(now), 'added', await insertComplaints(tx, addressHashes, now));
}

/** Longer than bounces are counted for a storm. */
const RETENTION_MS = 2 * BOUNCE_STORM_WINDOW_MS;

/**
 * Lifts the suppressions that a storm's own bounces had made before it was found, and records that. Their readers are mailed the
 * next digest.
 * @returns how many were lifted
 */
export async function liftBouncesOfStorm(tx: Tx, storm: Circuit, now: Date): Promise<number> {
  const since = new Date(storm.openedAt.getTime() - BOUNCE_STORM_WINDOW_MS);
  const lifted = await deleteBouncesOfStorm(tx, storm, since, now);
  await recordSuppressions(tx, bySystem(now), 'lifted', lifted);
  return lifted.length;
}

/** Deletes what was kept to find the bounces of a storm that may come. */
export async function deleteOldBounceSources(tx: Tx, now: Date): Promise<void> {
  await deleteOldRecentBounces(tx, new Date(now.getTime() - RETENTION_MS));
}
