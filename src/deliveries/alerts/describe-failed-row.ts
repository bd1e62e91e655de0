import type { FailedOperation, FailedRow, FailedRowKind } from '../../platform/jobs/failed-rows.js';

const kinds: Record<FailedRowKind, string> = {
  subscription: 'Subscription',
  article: 'Article',
  feed: 'Feed',
  notice: 'Notice',
  'sign-up': 'Sign-up',
  digest: 'Digest',
  publication: 'Newsletter',
};

/** What could not be done with it. */
const operations: Partial<Record<FailedOperation, string>> = {
  'plan-due': 'could not be planned',
  'plan-instant': 'could not be planned',
  'plan-digest': 'could not be planned',
  'resume-paused': 'could not be resumed after its pause',
  'send-batch': 'could not be sent',
  compose: 'could not be composed',
  'send-notice': 'could not be composed',
  'poll-feed': 'could not be stored',
  'release-articles': 'could not be released',
  'decide-hold': 'could not be decided',
  'answer-sign-ups': 'could not be answered',
  reconcile: 'could not be looked up in the mail log',
  purge: 'could not be deleted',
  'purge-digest': 'has details that could not be deleted',
};

/** What a failed row is, its id, and what could not be done with it, for operators. */
export function describeFailedRow({ kind, rowId, operation }: FailedRow): string {
  return `${kinds[kind]} ${rowId} ${operations[operation] ?? `could not be processed (${operation})`}`;
}
