import type { EventClass, EventScope } from './event.js';

/** What an event does to the reader. */
export type EventEffect =
  /** Her address is not mailed by anybody here, until she or an operator lifts that. */
  | 'bounced'
  /** Counted; it is as `bounced` when another digest finds the same. */
  | 'unconfirmed'
  /** Counted; it is as `bounced` after three digests over fifteen days, between which none arrived. */
  | 'soft'
  /** Her address is not mailed by anybody here, for ever, unless she asks for it. */
  | 'complained'
  /** Her subscription ends. */
  | 'unsubscribed'
  | 'nothing';

type PolicyRow = {
  class: EventClass;
  scope?: EventScope;
  status?: string;
  effect: EventEffect;
  because: string;
};

/**
 * The policy: of the rows that an event fits the first counts. `status` is an enhanced status as the documentation writes it, `5.1.x`.
 * The table in docs/bounces.md is this one.
 */
export const POLICY: readonly PolicyRow[] = [
  row('hard', { scope: 'us' }, 'nothing', 'It is about us.'),
  row('hard', { status: '5.2.1' }, 'unconfirmed', 'A disabled mailbox may be enabled again (RFC 3463).'),
  row('hard', { status: '5.4.x' }, 'unconfirmed', 'A name server may be wrong (RFC 3463).'),
  row(
    'hard',
    { status: '5.5.x' },
    'unconfirmed',
    'A status about the dialogue says little of an address (RFC 3463).',
  ),
  row('hard', { status: '5.1.x' }, 'bounced', 'The address is bad (RFC 3463).'),
  row('hard', { scope: 'domain' }, 'unconfirmed', 'A domain that is gone may be back tomorrow.'),
  row('hard', {}, 'bounced', 'There is no such mailbox.'),
  row('soft', { scope: 'us' }, 'nothing', 'It is about us.'),
  row('soft', {}, 'soft', 'A full mailbox, or a server that is away, passes (M3AAWG).'),
  row('sender-fault', {}, 'nothing', 'It is about us: nobody is given up for it.'),
  row('delayed', {}, 'nothing', 'It is still being tried.'),
  row('complaint', {}, 'complained', 'She called a mail of ours spam (RFC 5965).'),
  row('unsubscribe', {}, 'unsubscribed', 'She wants no more of this newsletter.'),
  row('auto-reply', {}, 'nothing', 'A program answered for her (RFC 3834).'),
  row('none', {}, 'nothing', 'Nothing failed, or it is no report.'),
];

/** What an event does to the reader whose mail it is about. */
export function decideEffect(event: {
  class: EventClass;
  scope: EventScope;
  status?: string | undefined;
}): EventEffect {
  const found = POLICY.find(
    ({ class: of, scope = event.scope, status }) =>
      of === event.class &&
      scope === event.scope &&
      (status === undefined || hasStatus(status, event.status)),
  );
  return found?.effect ?? 'nothing';
}

function hasStatus(pattern: string, status: string | undefined): boolean {
  return pattern.endsWith('x') ? status?.startsWith(pattern.slice(0, -1)) === true : status === pattern;
}

function row(
  of: EventClass,
  when: Pick<PolicyRow, 'scope' | 'status'>,
  effect: EventEffect,
  because: string,
): PolicyRow {
  return { class: of, ...when, effect, because };
}
