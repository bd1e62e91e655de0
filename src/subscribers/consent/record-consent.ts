import { createHash } from 'node:crypto';
import type { Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import { storeEvidence, type Origin, type RequestWithEvidence } from './evidence.js';
import { insertConsent, insertWording } from './writes.js';

type GivenConsent = {
  subscriptionId: string;
  publication: Publication;
  /** The text beside the button, as she read it. */
  wording: string;
  /** The form that preceded it; undefined: none. */
  request: (RequestWithEvidence & { source: string | null; createdAt: Date }) | undefined;
  /** Where the button was pressed; kept only where the publication wants that evidence. */
  origin: Origin | undefined;
};

/**
 * Records a consent: its wording, the page of its form, and the times.
 * @returns the consent's id
 */
export async function recordConsent(
  tx: Tx,
  { subscriptionId, publication, wording, request, origin }: GivenConsent,
  now: Date,
): Promise<string> {
  const wordingVersion = await recordWording(tx, wording, now);
  const { source = null, createdAt: requestedAt = null } = request ?? {};
  const consent = { subscriptionId, kind: 'confirmed' as const, wordingVersion, source, requestedAt };
  const { id } = await insertConsent(tx, consent, now);
  await storeEvidence(tx, publication, id, { request, origin });
  return id;
}

/** Keeps the words of a consent. @returns by what it refers to them */
export async function recordWording(tx: Tx, wording: string, now: Date): Promise<string> {
  const version = createHash('sha256').update(wording).digest('hex').slice(0, 16);
  await insertWording(tx, version, wording, now);
  return version;
}
