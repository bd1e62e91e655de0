import type { Context } from '../platform/context.js';
import type { RenderedEmail, TemplateData } from '../platform/templates.js';
import type { Publication } from '../publications/publication.js';
import { maskAddress } from '../subscribers/address.js';
import { cancelAddressBy, confirmAddressBy } from '../subscribers/address-change.js';
import { findAddressChange, type AddressChange } from '../subscribers/address-reads.js';
import type { Subscription } from '../subscribers/subscription.js';
import { addressUrl, ownUrl, repairUrl, unsubscribeUrl } from './mail-names.js';
import type { OwnNotice } from './notice-reads.js';

type ComposeContext = Pick<Context, 'db' | 'now' | 'links' | 'publicUrl' | 'templates'>;
type Parts = { notice: OwnNotice; publication: Publication; reader: Subscription };

/** A mail about what she asked about herself. Undefined: it is over. */
export async function composeOwnNotice(
  context: ComposeContext,
  parts: Parts,
): Promise<RenderedEmail | undefined> {
  const { notice, publication, reader } = parts;
  const data = await dataOf(context, parts);
  return data && context.templates.email(notice.kind, reader.locale, { publication, ...data });
}

async function dataOf(context: ComposeContext, parts: Parts): Promise<TemplateData | undefined> {
  const { notice, reader } = parts;
  const common = {
    email: reader.email,
    zone: reader.timezone,
    requestedAt: notice.createdAt,
    expiresAt: notice.expiresAt,
  };
  if (notice.kind === 'manage-link')
    return {
      ...common,
      url: ownUrl(context, reader, notice.expiresAt),
      unsubscribeUrl: unsubscribeUrl(context, reader),
    };
  if (notice.kind === 'repair') return { ...common, url: repairUrl(context, reader, notice.expiresAt) };
  const change = await findAddressChange(context.db, notice.causeId);
  return change && { ...common, ...addressData(context, parts, change) };
}

/** Whoever has the new address may be a stranger: there the old one is masked. The old one's owner sees both. */
function addressData(
  context: ComposeContext,
  { notice, publication, reader }: Parts,
  change: AddressChange,
): TemplateData {
  const { id } = change;
  const toNew = notice.kind === 'address-confirm' || notice.kind === 'address-returned';
  const other = (toNew ? change.oldEmail : change.newEmail) ?? '';
  const expiresAt = toNew ? confirmAddressBy(change) : cancelAddressBy(change);
  const url = addressUrl(context, toNew ? 'confirm' : 'cancel', {
    id,
    publicationId: publication.id,
    expiresAt,
  });
  return {
    other: toNew ? maskAddress(other) : other,
    merged: change.mergedInto !== null,
    requestedAt: change.askedAt,
    expiresAt,
    url,
    email: reader.email,
  };
}
