import type { Tx } from '../../platform/db/database.js';
import type { Circuit } from '../../transports/circuits/circuit.js';
import { BOUNCE_STORM_WINDOW_MS } from '../../transports/circuits/domain-history.js';
import {
  deleteBouncesOfStorm,
  deleteOldRecentBounces,
  insertBounces,
  insertRestingMailboxes,
} from './writes.js';

/** An address that a server called bad for good. */
export type Bounce = { addressHash: Buffer; transportId: number; domain: string };

/**
 * Suppresses addresses that are bad for good, for all publications. The caller has made sure that their domain is not in a
 * storm of bounces.
 * @returns how many were not suppressed before
 */
export function suppressBounced(tx: Tx, bounces: readonly Bounce[], now: Date): Promise<number> {
  return bounces.length === 0 ? Promise.resolve(0) : insertBounces(tx, bounces, now);
}

/** Suppresses addresses, for all publications, that several digests over weeks could not reach. No storm speaks against that. */
export function suppressResting(tx: Tx, addressHashes: readonly Buffer[], now: Date): Promise<number> {
  return addressHashes.length === 0 ? Promise.resolve(0) : insertRestingMailboxes(tx, addressHashes, now);
}

/** Longer than bounces are counted for a storm. */
const RETENTION_MS = 2 * BOUNCE_STORM_WINDOW_MS;

/**
 * Lifts the suppressions that a storm's own bounces had made before it was found, and records that. Their readers are mailed the
 * next digest.
 * @returns how many were lifted
 */
export function liftBouncesOfStorm(tx: Tx, storm: Circuit, now: Date): Promise<number> {
  return deleteBouncesOfStorm(tx, storm, new Date(storm.openedAt.getTime() - BOUNCE_STORM_WINDOW_MS), now);
}

/** Deletes what was kept to find the bounces of a storm that may come. */
export async function deleteOldBounceSources(tx: Tx, now: Date): Promise<void> {
  await deleteOldRecentBounces(tx, new Date(now.getTime() - RETENTION_MS));
}
