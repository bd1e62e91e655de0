import type { InboundMail } from '../../platform/mail/inbound/inbound-mails.js';
import type { Part } from '../../platform/mail/reports/mime-parts.js';
import { findAddresses } from '../../platform/mail/reports/reported-address.js';
import { readOurAddress, type AddressContext, type OurAddress } from './our-addresses.js';

/** What servers call the recipient of a mail that they put into a mailbox; the last is whom its writer named. */
const RECIPIENT_HEADERS = ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to', 'to', 'cc'];
const MAX_HEADER_ADDRESSES = 50;

/** To which of our addresses a mail came: by its envelope, and where it has none, by its own header. */
export function findOwnRecipients(
  context: AddressContext,
  { source, envelopeTo }: Pick<InboundMail, 'source' | 'envelopeTo'>,
  { header }: Pick<Part, 'header'>,
): OurAddress[] {
  const named =
    source === 'smtp' ? [] : findAddresses(header.all(...RECIPIENT_HEADERS).join('\n'), MAX_HEADER_ADDRESSES);
  const addresses = new Set([...envelopeTo, ...named].map((address) => address.toLowerCase()));
  return [...addresses].flatMap((address) => readOurAddress(context, address) ?? []);
}
