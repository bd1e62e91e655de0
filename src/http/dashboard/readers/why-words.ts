import type { WhyDigest } from '../../../dashboard/why-digest.js';
import type { SkipReason } from '../../../deliveries/skip-reason.js';
import type { ActorKind } from '../../../platform/actor.js';
import { languageName, rhythmWords } from './reader-words.js';

type Delivery = Extract<WhyDigest, { rule: 'delivery' }>;

/** Why she got a digest, or why not: one sentence that names the rule. The server's words stand beside it. */
export function describeWhy(why: WhyDigest, formatTime: (at: Date) => string): string {
  switch (why.rule) {
    case 'delivery':
      return describeDelivery(why, formatTime);
    case 'not-begun':
      if (why.state === 'held') return 'Not yet: the digest is held, and nobody has been mailed it.';
      return why.sendAt === null
        ? 'Not yet: the digest has not begun.'
        : `Not yet: the digest goes ${formatTime(why.sendAt)}.`;
    case 'cancelled':
      return 'No: the digest was cancelled before her mail was planned.';
    case 'superseded':
      return `No: the digest of ${why.period} took its place.`;
    case 'erased':
      return 'Not known: she was erased, and with her what was sent to her is not hers any more.';
    case 'not-confirmed':
      return 'No: she had not confirmed then, and nobody is mailed digests who has not.';
    case 'joined-after':
      return `No: she confirmed ${formatTime(why.joinedAt)}, and this was planned before, ${formatTime(why.at)}. What she gets begins with what came out afterwards.`;
    case 'paused':
      return `No: she was paused then${since(why, formatTime)}.`;
    case 'left':
      return `No: she had left by then${since(why, formatTime)}.`;
    case 'other-rhythm':
      return `No: she had chosen “${rhythmWords[why.cadence]}” then, and this went to readers of another rhythm. What was new to her came with her own mail.`;
    case 'other-language':
      return `No: it went to readers in ${languageName(why.locale)} only.`;
    case 'hour-to-come':
      return `Not yet: her hour is still to come, ${formatTime(why.at)}.`;
    case 'other-topics':
      return `No: she had chosen topics (${why.topics.join(', ')}), and no article of it has one of them.`;
    case 'nothing-new':
      return 'No: nothing in it was new to her. She had been given its articles before, or they came out before she was due anything.';
  }
}

function since(
  { since: at, by }: { since: Date | null; by: ActorKind | null },
  formatTime: (at: Date) => string,
): string {
  if (at === null) return '';
  const who = by === null ? '' : `, by ${WHO[by]}`;
  return `, since ${formatTime(at)}${who}`;
}

const WHO: Readonly<Record<ActorKind, string>> = {
  operator: 'an operator',
  token: 'a program',
  'command-line': 'the command line',
  reader: 'herself',
  system: 'Paperround',
};

function describeDelivery(why: Delivery, formatTime: (at: Date) => string): string {
  const sentence = describeOutcome(why, formatTime);
  return why.hasMoved ? `${sentence} It was for the address that she had then.` : sentence;
}

function describeOutcome(
  { state, skipReason, at, nextAttemptAt, digestState }: Delivery,
  formatTime: (at: Date) => string,
): string {
  const again = nextAttemptAt === null ? '' : ` It is tried again ${formatTime(nextAttemptAt)}.`;
  switch (state) {
    case 'accepted':
      return `Yes: her mail server accepted it ${formatTime(at)}. What it did with it after that, it does not tell; a spam folder is likely if she does not see it.`;
    case 'queued':
      if (digestState === 'paused') return 'Not yet: the digest is paused, and her mail waits in it.';
      return `Not yet: her mail is planned and waits for its turn.${again}`;
    case 'sending':
      return 'It is being handed to the mail server now.';
    case 'deferred':
      return `Not yet: her mail server asked to be tried later.${again}`;
    case 'rejected':
      return `No: it bounced ${formatTime(at)}. Her mail server refused it, or put it off until it was given up.`;
    case 'uncertain':
      return 'Unclear: all of it was handed over, and the connection broke before the answer came. It may have arrived.';
    case 'skipped':
      return describeSkip(skipReason);
  }
}

const SKIPS: Readonly<Record<SkipReason, string>> = {
  pending: 'No: when its turn came, she had not confirmed.',
  paused: 'No: it was planned for her, and when its turn came she had paused.',
  unsubscribed: 'No: it was planned for her, and when its turn came she had left.',
  erased: 'No: it was planned for her, and when its turn came she had been erased.',
  suppressed: 'No: her address is, or was then, on the list Do not mail.',
  'address-changed': 'No: it was planned for the address that she had before, and goes to no other.',
  archived: 'No: the newsletter was archived when its turn came.',
  expired: 'No: it was too old when its turn came, more than three days after it was planned.',
  cancelled: 'No: an operator cancelled the digest before her mail was sent.',
  restored: 'No: the database was restored from an older copy, and it may have been sent before that.',
  'not-composed':
    'No: the mail could not be made. Operators were told; trying the digest again tries hers again.',
  'sender-fault': 'No: the mail server refused us, not her, for as long as it was of use.',
  'confirmed-meanwhile': 'No: it was not needed any more.',
  over: 'No: it was not needed any more.',
  removed: 'No: it was not needed any more.',
};

function describeSkip(reason: SkipReason | null): string {
  return reason === null ? 'No: it was given up.' : SKIPS[reason];
}
