import type { Draft } from '../../../digests/drafts/draft.js';
import type { Cadence } from '../../../publications/publication.js';
import { onceFlashes } from '../frame/once.js';
import { NO_ADDRESS } from '../digests/action-flashes.js';
import { NOT_LIVE } from '../../../deliveries/plan/operator-digest.js';

const RHYTHMS: Readonly<Record<Cadence, string>> = {
  instant: 'mail of a new article',
  daily: 'daily digest',
  weekly: 'weekly digest',
  monthly: 'monthly digest',
};

/** Which digest it is for: "the next daily digest", "the daily digest of 2026-12-02". */
export function describeTarget({ cadence, period }: Pick<Draft, 'cadence' | 'period'>): string {
  if (cadence === null) return 'an email of its own';
  return period === null ? `the next ${RHYTHMS[cadence]}` : `the ${RHYTHMS[cadence]} of ${period}`;
}

/** What it is called where it stands among others. */
export function nameDraft(draft: Pick<Draft, 'cadence' | 'period' | 'content'>): string {
  const { subject } = draft.content;
  if (subject !== null) return subject;
  return draft.cadence === null ? 'An email without a subject' : `Words for ${describeTarget(draft)}`;
}

type Waiting = {
  unapprovedWords: 'leave-out' | 'wait';
  /** When the first readers are due, in words; undefined: nobody knows. */
  next: string | undefined;
  hasBegun: boolean;
};

/** How it stands, in sentences; the first is the most important. */
export function describeDraft(draft: Draft, { unapprovedWords, next, hasBegun }: Waiting): string[] {
  const { state, cadence } = draft;
  const target = describeTarget(draft);
  const when = next === undefined ? '' : ` It begins ${next}, with the first of its readers.`;
  const otherwise = unapprovedWords === 'wait' ? 'Until then it waits.' : 'Else it goes without them.';
  switch (state) {
    case 'draft':
      if (cadence === null) return ['Nobody gets it until you send it.'];
      return [
        `Not approved: these words are for ${target}. Approve them in time. ${otherwise}${when}`,
        ...(draft.missedDigestId === null
          ? []
          : ['A digest went without them: nobody had approved them when it began.']),
      ];
    case 'approved':
      return [`Approved: ${target} goes with these words.${when}`];
    case 'used':
      return hasBegun
        ? ['Its digest has begun: what is written in it cannot be changed any more.']
        : ['Its digest has these words, and nobody has been mailed it yet.'];
    case 'discarded':
      return ['Thrown away: nobody is mailed it.'];
  }
}

export const STATE_WORDS: Readonly<Record<Draft['state'], string>> = {
  draft: 'Being written',
  approved: 'Approved',
  used: 'In a digest',
  discarded: 'Thrown away',
};

/** What its pages say after a button, by the query `done`. */
export const emailFlashes: Readonly<Record<string, string>> = {
  ...onceFlashes,
  written: 'Begun. Nobody gets anything of it yet.',
  known: 'Somebody has begun to write for this digest: this is it.',
  changed: 'Saved.',
  same: 'Nothing was different, so nothing was changed.',
  approved: 'Saved and approved. The digest goes with these words.',
  'approved-waiting': 'Saved and approved. The digest that was waiting has these words now.',
  empty: 'Nothing was approved: nothing is written yet.',
  'taken-back': 'Taken back. It is not approved any more, and nobody is mailed it.',
  begun: 'Nothing was changed: its digest has begun.',
  discarded: 'Thrown away. Nobody is mailed it.',
  moved: 'It is for another digest now.',
  taken: 'Nothing was changed: somebody writes for that digest already.',
  'no-target': 'Nothing was changed: there is no such digest to come.',
  over: 'Nothing was changed: it is in a digest, or was thrown away.',
  'changed-meanwhile': 'Nothing was done: somebody else has changed it meanwhile. This is what it says now.',
  'no-words': 'Nothing was sent: an email without articles needs a subject and an intro.',
  'no-articles': 'Nothing was sent: no article was chosen for it.',
  'nobody-due': 'Nothing was sent: nobody would get it.',
  'not-live': NOT_LIVE,
  archived: 'Nothing was sent: this newsletter is archived.',
  'no-address': NO_ADDRESS,
};
