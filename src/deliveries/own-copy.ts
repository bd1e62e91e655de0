import type { Context } from '../platform/context.js';
import type { Publication } from '../publications/publication.js';
import { ASKED_WINDOW_MS } from '../subscribers/asking.js';
import { findReason } from '../subscribers/leave-reads.js';
import { listConsents, listRequestsOf, readWholeSubscription } from '../subscribers/own-reads.js';
import { listSuppressionsOf } from '../subscribers/suppression-reads.js';
import { listAddressChanges, type AddressChange } from '../subscribers/address-reads.js';
import { listAsked } from '../subscribers/request-reads.js';
import type { Subscription } from '../subscribers/subscription.js';
import { listOwnDeliveries, listOwnNotices } from './own-reads.js';

/**
 * Everything one publication holds about a reader, to be handed to her (GDPR articles 15 and 20): names are those of the
 * API, times ISO 8601 in UTC. Nothing of other publications, and nothing of other people.
 */
export async function copyOwnData(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  publication: Publication,
  subscription: Subscription,
): Promise<Record<string, unknown>> {
  const { id, email, emailKey } = subscription;
  const addressHash = hashAddress(emailKey);
  const asked = await listAsked(db, addressHash, new Date(now().getTime() - ASKED_WINDOW_MS));
  return {
    madeAt: now(),
    newsletter: { name: publication.name, website: publication.siteUrl, contact: publication.contact },
    address: email,
    subscription: camelKeys((await readWholeSubscription(db, id)).subscription),
    consents: await listConsents(db, id),
    requests: (await listRequestsOf(db, subscription)).map(({ request }) => camelKeys(request)),
    suppressions: await listSuppressionsOf(db, publication.id, addressHash),
    addressChanges: (await listAddressChanges(db, id)).map(toldChange),
    leaveReason: (await findReason(db, id)) ?? null,
    mailsNotClicked: asked
      .filter(({ publicationId }) => publicationId === publication.id)
      .map(({ askedAt }) => askedAt),
    newsletters: await listOwnDeliveries(db, publication.id, id),
    otherMails: await listOwnNotices(db, id),
  };
}

function toldChange(change: AddressChange): Record<string, unknown> {
  const { oldEmail, newEmail, state, mergedInto, askedAt, confirmedAt, cancelledAt } = change;
  return { oldEmail, newEmail, state, merged: mergedInto !== null, askedAt, confirmedAt, cancelledAt };
}

/** Rows taken whole have the database's names. */
function camelKeys(row: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(row).map(([name, value]) => [
    name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}
