import type { Context } from '../../platform/context.js';
import { camelCaseRow } from '../../platform/db/camel-case.js';
import type { Publication } from '../../publications/publication.js';
import { MAIL_CAP_WINDOW_MS } from '../../subscribers/mail-cap/mail-cap.js';
import { findLeaveReason } from '../../subscribers/leave/reads.js';
import { listBroughtData, listRowsOfAddress } from '../../subscribers/import/reader-reads.js';
import { listOldLinks } from '../../subscribers/old-links/reads.js';
import { listVisits } from '../../subscribers/confirm/reads.js';
import { listConsents } from '../../subscribers/consent/reads.js';
import { exportRequests } from '../../subscribers/sign-up/reads.js';
import { exportSubscription } from '../../subscribers/reads.js';
import { addressHashes } from '../../subscribers/suppression/address-hashes.js';
import { listSuppressionChangesOf } from '../../subscribers/suppression/operator-reads.js';
import {
  listSoftBounces,
  listSuppressionsOf,
  type Suppression,
} from '../../subscribers/suppression/reads.js';
import { listAddressChanges } from '../../subscribers/address-change/reads.js';
import type { AddressChange } from '../../subscribers/address-change/address-change.js';
import { hashMailbox } from '../../subscribers/mail-cap/mailbox.js';
import { listCappedMails } from '../../subscribers/mail-cap/reads.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { describeAnswer } from '../skip-reason.js';
import { listReaderDeliveries, listReaderNotices, type ReaderMail } from './reads.js';

/**
 * Everything one publication holds about a reader, but for what came back of her mails, to be handed to her (GDPR articles 15 and 20): names are those of the
 * API, times ISO 8601 in UTC. Nothing of other publications, and nothing of other people.
 */
export async function copyReaderData(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  publication: Publication,
  subscription: Subscription,
): Promise<Record<string, unknown>> {
  const { id, email, emailKey } = subscription;
  const hashes = addressHashes(hashAddress, emailKey);
  const mailboxHash = hashMailbox(hashAddress, emailKey);
  const counted = await listCappedMails(db, mailboxHash, new Date(now().getTime() - MAIL_CAP_WINDOW_MS));
  return {
    madeAt: now(),
    newsletter: { name: publication.name, website: publication.siteUrl, contact: publication.contact },
    address: email,
    subscription: camelCaseRow((await exportSubscription(db, id)).subscription),
    consents: await listConsents(db, id),
    confirmationPages: (await listVisits(db, id, new Date(0))).map(({ pressedAt, trappedAt }) => ({
      pressedAt,
      trappedAt,
    })),
    requests: (await exportRequests(db, subscription)).map(({ request }) => camelCaseRow(request)),
    suppressions: (await listSuppressionsOf(db, publication.id, hashes)).map(suppressionForCopy),
    delayedNewsletters: await listSoftBounces(db, id),
    suppressionChanges: await listSuppressionChangesOf(db, publication.id, hashes[0]),
    addressChanges: (await listAddressChanges(db, id)).map(addressChangeForCopy),
    broughtFrom: await listBroughtData(db, id),
    importedRows: await listRowsOfAddress(db, publication.id, hashes[0]),
    oldLinks: await listOldLinks(db, id),
    leaveReason: (await findLeaveReason(db, id)) ?? null,
    countedMails: counted
      .filter(({ publicationId }) => publicationId === publication.id)
      .map(({ kind, askedAt }) => ({ kind, askedAt })),
    newsletters: (await listReaderDeliveries(db, publication.id, id)).map(mailForCopy),
    otherMails: (await listReaderNotices(db, id)).map(mailForCopy),
  };
}

function suppressionForCopy({ domain, everywhere, reason, createdAt }: Suppression) {
  return { domain, everywhere, reason, createdAt };
}

function mailForCopy<Mail extends ReaderMail>({ skipReason, ...mail }: Mail) {
  return { ...mail, answer: describeAnswer({ skipReason, answer: mail.answer }) };
}

function addressChangeForCopy(change: AddressChange): Record<string, unknown> {
  const { oldEmail, newEmail, state, mergedInto, askedAt, confirmedAt, cancelledAt } = change;
  return { oldEmail, newEmail, state, merged: mergedInto !== null, askedAt, confirmedAt, cancelledAt };
}
