import { isIP } from 'node:net';
import type { Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import { updateEvidence } from './evidence-writes.js';

/** Where a button was pressed: what the browser said, not yet looked at. */
export type Origin = { ip: string | undefined; agent: string | undefined };

const MAX_USER_AGENT_CHARACTERS = 500;

/** Keeps with a consent where it and its request came from, for publications that want that proof, and for no others. */
export async function storeEvidence(
  tx: Tx,
  { evidenceDays }: Pick<Publication, 'evidenceDays'>,
  consentId: string,
  { byForm, origin }: { byForm: boolean; origin: Origin | undefined },
): Promise<void> {
  if (evidenceDays === 0) return;
  await updateEvidence(tx, consentId, byForm, evidenceOf({ evidenceDays }, origin));
}

/** What of it is kept: nothing, where the publication does not want it. */
export function evidenceOf(
  { evidenceDays }: Pick<Publication, 'evidenceDays'>,
  origin: Origin | undefined,
): { ip: string | null; agent: string | null } {
  if (evidenceDays === 0) return { ip: null, agent: null };
  const { ip = '', agent = '' } = origin ?? {};
  const browser = agent.replaceAll(/\p{C}/gu, '').slice(0, MAX_USER_AGENT_CHARACTERS);
  return {
    // An address with a zone (fe80::1%eth0) means nothing elsewhere, and Postgres takes none.
    ip: isIP(ip) > 0 && !ip.includes('%') ? ip : null,
    agent: browser === '' ? null : browser,
  };
}
