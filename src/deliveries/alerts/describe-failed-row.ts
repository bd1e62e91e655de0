import type { FailedOperation, FailedRow, FailedRowKind } from '../../platform/jobs/failed-rows.js';

const kinds: Record<FailedRowKind, string> = {
  subscription: 'Subscription',
  article: 'Article',
  feed: 'Feed',
  notice: 'Notice',
  'sign-up': 'Sign-up',
  'link-request': 'Request for a link',
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
  'record-result': 'was sent a mail, and what became of it could not be recorded',
  'send-welcome': 'could not be welcomed',
  sweep: 'could not be taken over from a worker that had stopped',
  'answer-link-request': 'could not be answered',
  'subscribe-hub': 'could not be subscribed to at its hub',
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
