import { messageId } from '../../src/deliveries/mail-urls.js';
import { deriveKey } from '../../src/platform/crypto/keys.js';
import { createLinks } from '../../src/platform/crypto/signed-links.js';
import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import { findPublication } from '../../src/publications/reads.js';
import { secretKey } from '../support/servers.js';

/** Announcements that were ordered, compared with what the mail server took. Each figure but the first counts mails. */
export type OrderCheck = {
  digests: number;
  /** The mail server never got it, and the ledger does not call it uncertain; or it was never planned. */
  missed: number;
  /** The mail server got it more than once. */
  doubled: number;
  uncertain: number;
  /** The mail server got it, and the ledger calls it neither accepted nor uncertain. */
  unrecorded: number;
};

type Delivery = { digestId: string; keyId: string; subscriptionId: string; state: string };

/**
 * Mail by mail: each has a Message-ID of its own, the same in every attempt.
 * @param mails what the mail server took, by Message-ID
 * @param expected how many mails were ordered
 */
export async function checkOrders(
  db: Db,
  publicationId: string,
  mails: ReadonlyMap<string, number>,
  expected: number,
): Promise<OrderCheck> {
  const publication = await findPublication(db, publicationId);
  if (publication === undefined) throw new Error('The publication is gone.');
  const links = createLinks([deriveKey(secretKey)]);
  const deliveries = (await listDeliveries(db, publicationId)).map(
    ({ digestId, keyId, subscriptionId, state }) => {
      const id = messageId(links, publication, { scope: digestId, subject: subscriptionId }, keyId);
      return { digestId, state, count: mails.get(id) ?? 0 };
    },
  );
  const count = (isCounted: (delivery: { state: string; count: number }) => boolean) =>
    deliveries.filter(isCounted).length;
  const isTaken = (state: string) => state === 'accepted' || state === 'uncertain';
  return {
    digests: new Set(deliveries.map(({ digestId }) => digestId)).size,
    missed:
      Math.max(0, expected - deliveries.length) +
      count(({ state, count: taken }) => taken === 0 && state !== 'uncertain'),
    doubled: count(({ count: taken }) => taken > 1),
    uncertain: count(({ state }) => state === 'uncertain'),
    unrecorded: count(({ state, count: taken }) => taken > 0 && !isTaken(state)),
  };
}

function listDeliveries(db: Db, publicationId: string): Promise<Delivery[]> {
  return db.many(sql`
    select g.id as digest_id, g.key_id, d.subscription_id, d.state
      from deliveries d
      join digests g on g.id = d.digest_id
     where g.publication_id = ${publicationId}
  `);
}
