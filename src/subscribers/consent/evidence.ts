import { isIP } from 'node:net';
import type { Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import { updateEvidence } from './writes.js';

/** Where a button was pressed: IP address and User-Agent of the request, unchecked. */
export type Origin = { ip: string | undefined; agent: string | undefined };

/** A sign-up request; one that was sent again has the evidence of its form (`resendOf`). */
export type RequestWithEvidence = { id: string; resendOf: string | null };

const MAX_USER_AGENT_CHARACTERS = 500;

/** Stores where a consent and its request came from, for publications that keep evidence, and for no others. */
export async function storeEvidence(
  tx: Tx,
  { evidenceDays }: Pick<Publication, 'evidenceDays'>,
  consentId: string,
  { request, origin }: { request: RequestWithEvidence | undefined; origin: Origin | undefined },
): Promise<void> {
  if (evidenceDays === 0) return;
  const requestId = request === undefined ? null : (request.resendOf ?? request.id);
  await updateEvidence(tx, consentId, requestId, evidenceOf({ evidenceDays }, origin));
}

/** Both null for publications that keep no evidence. */
export function evidenceOf(
  { evidenceDays }: Pick<Publication, 'evidenceDays'>,
  origin: Origin | undefined,
): { ip: string | null; agent: string | null } {
  if (evidenceDays === 0) return { ip: null, agent: null };
  const { ip = '', agent = '' } = origin ?? {};
  const browser = agent.replaceAll(/\p{C}/gu, '').slice(0, MAX_USER_AGENT_CHARACTERS);
  return {
    // Postgres takes no address with a zone (fe80::1%eth0), which means nothing on another machine.
    ip: isIP(ip) > 0 && !ip.includes('%') ? ip : null,
    agent: browser === '' ? null : browser,
  };
}
