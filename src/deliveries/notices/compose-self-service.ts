import type { Context } from '../../platform/context.js';
import type { RenderedEmail, TemplateData } from '../../platform/templates/templates.js';
import type { Publication } from '../../publications/publication.js';
import { maskAddress } from '../../subscribers/address.js';
import {
  addressCancellationDeadline,
  addressConfirmationDeadline,
  type AddressChange,
} from '../../subscribers/address-change/address-change.js';
import { undoDeadline } from '../../subscribers/leave/restore-subscription.js';
import { findAddressChange } from '../../subscribers/address-change/reads.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { addressUrl, oneHourManageUrl, repairUrl, unsubscribeUrl } from '../mail-urls.js';
import type { SelfServiceNotice } from './notice.js';
import { isForNewAddress } from './self-service-notice.js';

type ComposeContext = Pick<Context, 'db' | 'now' | 'links' | 'publicUrl' | 'templates'>;
type Parts = { notice: SelfServiceNotice; publication: Publication; reader: Subscription };

/** The mail that a reader asked for on her pages. Undefined: what it would tell is over. */
export async function composeSelfServiceNotice(
  context: ComposeContext,
  parts: Parts,
): Promise<RenderedEmail | undefined> {
  const { notice, publication, reader } = parts;
  const data = await selfServiceData(context, parts);
  return data && context.templates.email(notice.kind, reader.locale, { publication, ...data });
}

async function selfServiceData(context: ComposeContext, parts: Parts): Promise<TemplateData | undefined> {
  const { notice, reader } = parts;
  const common = {
    email: reader.email,
    zone: reader.timezone,
    requestedAt: notice.createdAt,
    expiresAt: notice.expiresAt,
  };
  if (notice.kind === 'left') return { ...common, ...leftData(context, reader) };
  if (notice.kind === 'manage-link')
    return {
      ...common,
      leftAt: reader.status === 'unsubscribed' ? (reader.unsubscribedAt ?? reader.createdAt) : null,
      url: oneHourManageUrl(context, reader, notice.expiresAt),
      unsubscribeUrl: unsubscribeUrl(context, reader),
    };
  if (notice.kind === 'repair') return { ...common, url: repairUrl(context, reader, notice.expiresAt) };
  const change = await findAddressChange(context.db, notice.causeId);
  return change && { ...common, ...addressChangeData(context, parts, change) };
}

/** Its link leads to the page that says so too, where one button undoes it. */
function leftData(context: ComposeContext, reader: Subscription): TemplateData {
  const leftAt = reader.unsubscribedAt ?? context.now();
  return { leftAt, undoUntil: undoDeadline(leftAt), url: unsubscribeUrl(context, reader) };
}

/** Whoever has the new address may be a stranger: to it the old one is masked. The owner of the old one sees both. */
function addressChangeData(
  context: ComposeContext,
  { notice, publication, reader }: Parts,
  change: AddressChange,
): TemplateData {
  const toNew = isForNewAddress(notice.kind);
  const other = (toNew ? change.oldEmail : change.newEmail) ?? '';
  const expiresAt = toNew ? addressConfirmationDeadline(change) : addressCancellationDeadline(change);
  const { number } = change;
  const url = addressUrl(context, toNew ? 'confirm' : 'cancel', { number, expiresAt }, publication);
  return {
    other: toNew ? maskAddress(other) : other,
    merged: change.mergedInto !== null,
    requestedAt: change.askedAt,
    expiresAt,
    url,
    email: reader.email,
  };
}
