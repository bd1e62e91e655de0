import type { AlertCause } from './alert.js';
import { describeFailedRows } from './failed-rows-text.js';
import { describeFailedMails, describeUnreadMailbox } from './inbound-text.js';
import { describeHeldArticles, describeAttack, describeFailingFeeds } from './intake-text.js';
import { describeMuchReturned } from './return-text.js';
import { describeOpenCircuit, describeHeldDigest, describePausedDigest } from './sending-text.js';
import {
  describeProviderLimits,
  describeRestored,
  describeWorseDns,
  describeWrongClock,
} from './system-text.js';
import type { AlertContent, AlertTextContext } from './content.js';

/** A cause for an operator's eyes. Addresses of readers are left out: this is mailed. */
export function describeCause(cause: AlertCause, wording: AlertTextContext): AlertContent {
  switch (cause.kind) {
    case 'held-digest':
      return describeHeldDigest(cause, wording);
    case 'paused-digest':
      return describePausedDigest(cause, wording);
    case 'open-circuit':
      return describeOpenCircuit(cause, wording);
    case 'held-articles':
      return describeHeldArticles(cause, wording);
    case 'failing-feeds':
      return describeFailingFeeds(cause, wording);
    case 'wrong-clock':
      return describeWrongClock(cause, wording);
    case 'restored':
      return describeRestored(cause, wording);
    case 'unread-mailbox':
      return describeUnreadMailbox(cause, wording);
    case 'failed-mails':
      return describeFailedMails(cause, wording);
    case 'much-returned':
      return describeMuchReturned(cause, wording);
    case 'failed-rows':
      return describeFailedRows(cause, wording);
    case 'provider-limits':
      return describeProviderLimits(cause, wording);
    case 'worse-dns':
      return describeWorseDns(cause, wording);
    case 'attack':
      return describeAttack(cause, wording);
  }
}
