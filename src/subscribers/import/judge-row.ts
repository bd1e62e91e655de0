import type { SubscriptionStatus } from '../subscription.js';

/** What another product says of an address. `bounced`: it could not be reached there; `blocked`: its operators kept it out. */
export type RowStatus = 'subscribed' | 'unconfirmed' | 'unsubscribed' | 'bounced' | 'complained' | 'blocked';

/** Among several rows of one address the strongest counts: what keeps her from being mailed wins. */
export const ROW_STRENGTH: readonly RowStatus[] = [
  'unconfirmed',
  'subscribed',
  'unsubscribed',
  'bounced',
  'blocked',
  'complained',
];

/** What becomes of an address. */
export type Outcome =
  /** Is added, and mailed once that is started. */
  | 'new'
  /** Was asked to confirm here, has not, and agreed there: is added too. */
  | 'was-pending'
  /** Is asked to confirm. */
  | 'asks'
  /** Reads here, was added before, or has been asked: stays as she is. */
  | 'present'
  /** Agreed there, and left here: stays out. */
  | 'left-here'
  /** Is not to be mailed here: stays out. */
  | 'suppressed'
  /** Did not confirm there either: is left out. */
  | 'unconfirmed'
  /** Left there: comes in as who has left. */
  | 'opted-out'
  /** Left there, and reads here: leaves. */
  | 'leaves'
  /** Left there, or was not reached, and joined here later by herself: stays as she is. */
  | 'stays'
  /** Left there and here. */
  | 'left-before'
  /** Was not reached, complained or was blocked there: is not mailed here either. */
  | 'do-not-mail'
  /** The same, and is not mailed here already. */
  | 'do-not-mail-before';

/** What is known here of the address of a row. */
export type Here = {
  status: SubscriptionStatus | null;
  /** When she confirmed here by herself last. */
  confirmedAt: Date | null;
  isSuppressed: boolean;
};

/**
 * What becomes of an address, by what its file says and what is known of it here. A file adds and never revives: whoever left, bounced,
 * complained, was blocked or erased here stays out, whatever it says.
 * @param row.leftAt when she left there, or was found not to be reachable; null: the file does not say
 */
export function judgeRow(
  row: { status: RowStatus; leftAt: Date | null },
  here: Here,
  consent: 'mail' | 'ask',
): Outcome {
  switch (row.status) {
    case 'subscribed':
      return judgeReader(here, consent);
    case 'unconfirmed':
      return consent === 'ask' ? judgeReader(here, consent) : 'unconfirmed';
    case 'unsubscribed':
      return judgeLeaver(row, here);
    case 'bounced':
    case 'complained':
    case 'blocked':
      if (here.isSuppressed) return 'do-not-mail-before';
      return hasJoinedSince(row, here) ? 'stays' : 'do-not-mail';
  }
}

function judgeReader({ status, isSuppressed }: Here, consent: 'mail' | 'ask'): Outcome {
  if (isSuppressed) return 'suppressed';
  switch (status) {
    case null:
      return consent === 'mail' ? 'new' : 'asks';
    case 'pending':
      return consent === 'mail' ? 'was-pending' : 'present';
    case 'unsubscribed':
      return 'left-here';
    case 'added':
    case 'confirmed':
    case 'paused':
      return 'present';
  }
}

function judgeLeaver(row: { leftAt: Date | null }, here: Here): Outcome {
  switch (here.status) {
    case null:
      return here.isSuppressed ? 'left-before' : 'opted-out';
    case 'unsubscribed':
      return 'left-before';
    case 'pending':
      return 'stays';
    case 'added':
    case 'confirmed':
    case 'paused':
      return hasJoinedSince(row, here) ? 'stays' : 'leaves';
  }
}

/** What she confirmed here by herself is newer than a file that says no day. */
function hasJoinedSince({ leftAt }: { leftAt: Date | null }, { confirmedAt }: Here): boolean {
  return confirmedAt !== null && (leftAt === null || confirmedAt > leftAt);
}
