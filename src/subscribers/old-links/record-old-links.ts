import type { Tx } from '../../platform/db/database.js';
import {
  ghostLink,
  listmonkLink,
  mailpoetClick,
  mailpoetLink,
  type OldLink,
  type OldLinkName,
} from './old-link.js';
import { insertOldLinks } from './writes.js';

/**
 * Stores what links of readers in mails of the old product name, so that these go on working. What is there stays, so that an import may
 * be repeated. For imports, a few thousand at a time.
 */
export async function recordOldLinks(tx: Tx, links: readonly OldLink[]): Promise<void> {
  const rows = links.flatMap((link) =>
    namesOf(link).map((name) => ({ ...name, subscriptionId: link.subscriptionId })),
  );
  if (rows.length > 0) await insertOldLinks(tx, rows);
}

function namesOf(link: OldLink): OldLinkName[] {
  switch (link.product) {
    case 'listmonk':
      return [listmonkLink(link.uuid)];
    case 'ghost':
      return [ghostLink(link.uuid, link.key, link.newsletter)];
    case 'mailpoet':
      return [
        mailpoetLink(link.email, link.token),
        ...(link.id === null ? [] : [mailpoetClick(link.id, link.token)]),
      ];
  }
}
