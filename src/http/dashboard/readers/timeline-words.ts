import type { TimelineEntry } from '../../../dashboard/reader-timeline.js';
import type { NoticeKind } from '../../../deliveries/notices/notice.js';
import { maySeeAddresses, type Role } from '../../../operators/operator.js';
import { describeActivity } from '../../../operators/activity/describe-activity.js';
import { redactAddresses } from '../../../platform/text/redact.js';
import type { OperatorWords } from '../../../platform/text/translations.js';
import { eventWords } from '../event-words.js';
import { stateNames } from '../digests/ledger-words.js';

const NOTICE_NAMES: Readonly<Record<NoticeKind, string>> = {
  confirmation: 'Mail that asks to confirm',
  'already-subscribed': 'Mail that she subscribes already',
  welcome: 'Welcome mail',
  'manage-link': 'Her settings link',
  'address-confirm': 'Mail that asks her new address to confirm',
  'address-asked': 'Word to her address that another was asked for',
  'address-moved': 'Word that her address changed',
  'address-returned': 'Word that a change of address was taken back',
  repair: 'Mail that asks whether mail may come again',
  left: 'Word that she has left',
  alert: 'Alert',
  'operator-recovery': 'Mail to an operator',
  'operator-change': 'Mail to an operator',
  'operator-invitation': 'Invitation',
  forward: 'Mail passed on to the publisher',
};

type Words = { words: OperatorWords; formatTime: (at: Date) => string; role: Role };

/** One line of what happened with her: what it was, what became of it, and the server's words. */
export function timelineRow(entry: TimelineEntry, { words, formatTime, role }: Words) {
  const time = formatTime(entry.at);
  if (entry.kind === 'change')
    return {
      time,
      what: describeActivity(entry.change, words, formatTime),
      outcome: null,
      answer: null,
      digestId: null,
      again: null,
    };
  if (entry.kind === 'event')
    return {
      time,
      what: entry.digest?.name ?? 'A single mail to her',
      outcome: eventWords[entry.class],
      answer: entry.words,
      digestId: entry.digest?.id ?? null,
      again: null,
    };
  const { nextAttemptAt, state } = entry;
  return {
    time,
    what: entry.kind === 'digest' ? entry.name : NOTICE_NAMES[entry.notice],
    outcome: stateNames[state],
    answer: entry.words !== null && !maySeeAddresses(role) ? redactAddresses(entry.words) : entry.words,
    digestId: entry.kind === 'digest' ? entry.digestId : null,
    again:
      nextAttemptAt !== null && (state === 'queued' || state === 'deferred')
        ? formatTime(nextAttemptAt)
        : null,
  };
}
