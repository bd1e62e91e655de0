import type { Tx } from '../../platform/db/database.js';
import type { ArticleChoice } from '../article-choices.js';
import { isEmpty, type Draft } from './draft.js';
import { listDigestChoices, listInherited, listOpenDrafts, type PeriodKey } from './reads.js';
import { lockDrafts } from './writes.js';

/** What editors wrote and chose for digests that readers are about to join, by `digestKey`. */
export type DigestEdits = {
  choices: ReadonlyMap<string, readonly ArticleChoice[]>;
  /** Of digests that nobody has opened yet. */
  drafts: ReadonlyMap<string, Draft>;
};

export function digestKey({ cadence, period }: { cadence: string; period: string }): string {
  return `${cadence} ${period}`;
}

/**
 * Asked before lists are made: a digest that is being sent has its choices, one that is about to be opened will have those of
 * its approved draft. Whoever finds one that is not being sent yet keeps editors and other planners of the publication waiting
 * until its transaction ends.
 */
export async function readDigestEdits(
  tx: Tx,
  publicationId: string,
  keys: readonly PeriodKey[],
): Promise<DigestEdits> {
  if (keys.length === 0) return { choices: new Map(), drafts: new Map() };
  const known = await listDigestChoices(tx, publicationId, keys);
  const begun = known.filter(({ state }) => state !== 'held' && state !== 'approved');
  if (begun.length === keys.length) return { choices: choicesOf(known), drafts: new Map() };
  await lockDrafts(tx, publicationId);
  const open = await listDigestChoices(tx, publicationId, keys);
  const opened = new Set(open.map(digestKey));
  const inherited = await listInherited(tx, publicationId, keys);
  const drafts = assignDrafts(
    keys.filter((key) => !opened.has(digestKey(key))),
    [...inherited, ...(await listOpenDrafts(tx, publicationId))],
  );
  const written = [...drafts].flatMap(([key, { state, content }]) =>
    state === 'draft' ? [] : [[key, content.articleChoices] as const],
  );
  return { choices: new Map([...choicesOf(open), ...written]), drafts };
}

function choicesOf(digests: readonly (PeriodKey & { articleChoices: ArticleChoice[] })[]) {
  return new Map(
    digests
      .filter(({ articleChoices }) => articleChoices.length > 0)
      .map((digest) => [digestKey(digest), digest.articleChoices] as const),
  );
}

/** One that names a digest goes into that, one of a digest whose place is taken, and one for the next of a rhythm, into the first. */
function assignDrafts(keys: readonly PeriodKey[], drafts: readonly Draft[]): Map<string, Draft> {
  const written = drafts.filter(({ content }) => !isEmpty(content));
  const assigned = new Map<string, Draft>();
  const taken = new Set<Draft>();
  for (const key of keys.toSorted(byPeriod)) {
    const ofRhythm = written.filter((draft) => draft.cadence === key.cadence && !taken.has(draft));
    const draft =
      ofRhythm.find(({ period }) => period === key.period) ??
      ofRhythm.find(({ state }) => state === 'used') ??
      ofRhythm.find(({ period }) => period === null);
    if (draft === undefined) continue;
    taken.add(draft);
    assigned.set(digestKey(key), draft);
  }
  return assigned;
}

/** Those of instant digests are the numbers of articles. */
function byPeriod(one: PeriodKey, other: PeriodKey): number {
  if (one.cadence === 'instant' && other.cadence === 'instant')
    return Number(one.period) - Number(other.period);
  return one.period < other.period ? -1 : 1;
}
