import { classifyFailure } from '../classify/classify-failure.js';
import { readAddressField } from './reported-address.js';
import type { RecipientFields } from './delivery-status.js';
import type { ReportedRecipient } from './report.js';
import { findCode, findStatus, toReason } from './words.js';

/** What a delivery report says of one recipient. */
export function readRecipient(fields: RecipientFields): ReportedRecipient {
  const action = /^[a-z-]+/i.exec(fields.get('action'))?.[0].toLowerCase();
  const words = fields.get('diagnostic-code').replace(/^[\w.-]{1,40};\s*/, '');
  const reason = toReason(words);
  const code = findCode(words);
  const status = preferredStatus(findStatus(fields.get('status')), findStatus(words));
  return {
    ...addressesOf(fields),
    ...classifyFailure({ action, status, code, words }),
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason }),
    ...(action === undefined ? {} : { action }),
  };
}

/** The original recipient is whom we mailed; the final one may be where she has her mail forwarded to. */
function addressesOf(fields: RecipientFields): { recipient?: string; addresses: string[] } {
  const names = ['original-recipient', 'final-recipient', 'x-actual-recipient'];
  const found = fields.all(...names).length === 0 ? [] : names.flatMap((name) => fields.all(name));
  const addresses = [...new Set(found.map(readAddressField).filter((one) => one !== undefined))];
  return { ...(addresses[0] === undefined ? {} : { recipient: addresses[0] }), addresses };
}

/** Where the remote server's own status says more than the report's, it counts. */
function preferredStatus(reported: string | undefined, said: string | undefined): string | undefined {
  return reported === undefined || (said !== undefined && reported.endsWith('.0')) ? said : reported;
}
