import { judgeWords } from './bounce-text.js';
import type { Header } from './header.js';
import { readAddressField } from './reported-address.js';
import type { ReportedRecipient } from './report.js';
import type { NamedRecipient } from './text-recipients.js';
import { findCode, findStatus } from './words.js';

/**
 * What a delivery report says of one recipient (RFC 3464 section 2.3).
 * @param named what the words beside the report say of each recipient
 */
export function readRecipient(
  fields: Header,
  named: readonly NamedRecipient[],
  text: string,
): ReportedRecipient {
  const addresses = addressesOf(fields);
  // 'X-Unix; 255' is the exit status of a program.
  const words = fields.get('diagnostic-code').replace(/^(?!x-unix)[\w.-]{1,40};\s*/i, '');
  const statusField = fields.get('status');
  const given = {
    status: preferredStatus(/[245]\.\d{1,3}\.\d{1,3}/.exec(statusField)?.[0], findStatus(words)),
    code: findCode(words) ?? findCode(statusField),
  };
  const beside =
    named.find(({ address }) => addresses.includes(address))?.words ?? (named.length > 1 ? '' : text);
  return {
    ...(addresses[0] === undefined ? {} : { recipient: addresses[0] }),
    addresses,
    ...judgeWords([`${words} ${statusComment(statusField)}`, beside], actionOf(fields), given),
  };
}

/** RFC 3464 section 2.3.3; some servers write 'failure' or 'undeliverable'. */
function actionOf(fields: Header): string | undefined {
  const action = /^[a-z-]+/i.exec(fields.get('action'))?.[0].toLowerCase();
  if (action === undefined) return undefined;
  if (/^(?:delayed|delivered|relayed|expanded)$/.test(action)) return action;
  if (/^delay|^deferred/.test(action)) return 'delayed';
  return /^deliver(?!y-?fail)|^success/.test(action) ? 'delivered' : 'failed';
}

/** The original recipient is whom we mailed; the final one may be where she has her mail forwarded to. */
function addressesOf(fields: Header): string[] {
  const found = ['original-recipient', 'final-recipient', 'x-actual-recipient'].flatMap((name) =>
    fields.all(name),
  );
  return [...new Set(found.map(readAddressField).filter((one) => one !== undefined))];
}

/** Where the remote server's own status says more than the report's, it counts. */
function preferredStatus(reported: string | undefined, said: string | undefined): string | undefined {
  return reported === undefined || (said !== undefined && reported.endsWith('.0')) ? said : reported;
}

/** '5.1.1 (bad destination mailbox address)': what stands behind the status. */
function statusComment(value: string): string {
  return value.replace(/^[245]\.\d{1,3}\.\d{1,3}/, '').replace(/[()]/g, ' ');
}
