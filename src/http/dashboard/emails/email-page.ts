import type { Request, Response } from 'express';
import { readAudience } from '../../../dashboard/audience.js';
import type { ArticleChoice } from '../../../digests/article-choices.js';
import { draftOrder } from '../../../digests/drafts/draft-order.js';
import { findTarget, listTargets } from '../../../digests/drafts/draft-targets.js';
import { OPEN_STATES, type Draft, type DraftContent } from '../../../digests/drafts/draft.js';
import { findDraft } from '../../../digests/drafts/reads.js';
import { findDigest } from '../../../digests/reads.js';
import { formatWeekdayTime } from '../../../platform/text/format-dates.js';
import { cadences } from '../../../publications/publication.js';
import { readReaderCounts } from '../../../subscribers/counts/reads.js';
import type { Previews } from '../digests/preview/previews.js';
import { testToMe } from '../digests/preview/preview-page.js';
import { readMailSummary } from '../digests/preview/summary.js';
import { publicationDeskOf, sendDeskPage, type PublicationDesk } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { sendNotFound } from '../frame/own-row.js';
import { readArticleRows } from './email-articles.js';
import { LABELS, textFields, type ReadEmail } from './email-form.js';
import { describeDraft, describeTarget, emailFlashes, nameDraft, STATE_WORDS } from './email-words.js';

type Id = { id: string };

/** A form that is shown again: what was typed, beside what is stored now. */
export type TypedEmail = { read: ReadEmail; clashes?: readonly (keyof DraftContent)[] };

/** The page on which an email, or the words for a digest, are written. */
export async function showEmail(
  previews: Previews,
  req: Request<Id>,
  res: Response,
  typed?: TypedEmail,
): Promise<void> {
  const { context } = previews;
  const desk = publicationDeskOf(res);
  const draft = await findDraft(context.db, req.params.id);
  if (draft === undefined) return sendNotFound(context, req, res);
  const isOpen = OPEN_STATES.includes(draft.state);
  const content = typed === undefined ? draft.content : { ...draft.content, ...typed.read.change };
  return sendDeskPage(context, res, 'dashboard-email', {
    ...(await describeHead(previews, desk, draft)),
    flash: findFlash(emailFlashes, req.query['done']) ?? describeOthers(req.query['also']),
    isOpen,
    fields: textFields.map((name) => fieldOf(name, draft, typed)),
    mistakes: describeMistakes(typed, draft),
    contents: content.contents,
    audience: { cadence: null, locale: null, topics: [], ...content.audience },
    rhythms: cadences,
    topics: desk.publication.topics,
    articles: await readArticleRows(
      context,
      desk.publication,
      draft,
      content.articleChoices as ArticleChoice[],
    ),
    mail: await summaryOf(previews, desk, draft),
    recipients: testToMe(desk),
    targets: isOpen ? await targetsFor(previews, desk, draft) : [],
  });
}

/** What every page of a draft shows. */
export async function describeHead(
  { context }: Pick<Previews, 'context'>,
  { publication }: PublicationDesk,
  draft: Draft,
) {
  const digest = draft.digestId === null ? undefined : await findDigest(context.db, draft.digestId);
  const hasBegun = digest !== undefined && digest.state !== 'held' && digest.state !== 'approved';
  const targets = draft.cadence === null ? [] : await readTargets(context, publication);
  const nextAt = targets.find(({ cadence }) => cadence === draft.cadence)?.nextAt;
  const isNext = draft.period === null && nextAt !== undefined;
  return {
    draft,
    name: nameDraft(draft),
    target: describeTarget(draft),
    stateName: STATE_WORDS[draft.state],
    sentences: describeDraft(draft, {
      unapprovedWords: publication.unapprovedWords,
      next: isNext ? formatWeekdayTime(nextAt, publication.timezone, 'en') : undefined,
      hasBegun,
    }),
    mayTakeBack: draft.state === 'approved' || (draft.state === 'used' && !hasBegun),
  };
}

async function readTargets(context: Previews['context'], publication: PublicationDesk['publication']) {
  const { byCadence } = await readReaderCounts(context.db, publication.id);
  return listTargets(context, publication, byCadence);
}

/** What it may be for instead. */
async function targetsFor({ context }: Previews, { publication }: PublicationDesk, draft: Draft) {
  if (draft.state !== 'draft') return [];
  const targets = await readTargets(context, publication);
  const all = targets.flatMap(({ cadence, periods }) => [
    { cadence, period: null },
    ...periods.map((period) => ({ cadence, period })),
  ]);
  const others = [...all, { cadence: null, period: null }].filter(
    ({ cadence, period }) => cadence !== draft.cadence || period !== draft.period,
  );
  return others.map((target) => ({ value: targetValue(target), label: describeTarget(target) }));
}

/** As forms send it: `daily`, `daily 2026-12-02`, `own`. */
export function targetValue({ cadence, period }: Pick<Draft, 'cadence' | 'period'>): string {
  return cadence === null ? 'own' : period === null ? cadence : `${cadence} ${period}`;
}

/** Undefined: there is no such digest to come. */
export function readTarget(value: unknown, publication: PublicationDesk['publication'], now: Date) {
  const [name = '', period = null] = typeof value === 'string' ? value.split(' ') : [];
  if (name === 'own') return findTarget(publication, { cadence: null, period: null }, now);
  const cadence = cadences.find((one) => one === name);
  return cadence && findTarget(publication, { cadence, period }, now);
}

function fieldOf(name: (typeof textFields)[number], draft: Draft, typed: TypedEmail | undefined) {
  const stored = draft.content[name] ?? '';
  const isClash = typed?.clashes?.includes(name) === true;
  return {
    name,
    value: typed?.read.texts[name] ?? stored,
    mistake: typed?.read.mistakes[name] ?? (isClash ? clashWords(name) : null),
    theirs: isClash ? stored : null,
  };
}

function describeMistakes(typed: TypedEmail | undefined, draft: Draft): { id: string; words: string }[] {
  if (typed === undefined) return [];
  const mistakes = Object.entries(typed.read.mistakes).map(([id, words]) => ({ id, words }));
  const clashes = (typed.clashes ?? []).map((id) => ({ id, words: clashWords(id) }));
  const over = OPEN_STATES.includes(draft.state)
    ? []
    : [
        {
          id: 'note',
          words: `${emailFlashes['over'] ?? ''} What you typed is below: keep it as a new email.`,
        },
      ];
  return [...over, ...mistakes, ...clashes];
}

function clashWords(field: keyof DraftContent): string {
  return `${LABELS[field]}: somebody else has changed it while this page was open. Yours is here still; save again to put it in place of theirs.`;
}

/** Which fields somebody else changed, that were kept. */
function describeOthers(also: unknown): string | null {
  if (typeof also !== 'string') return null;
  const names = Object.keys(LABELS) as (keyof DraftContent)[];
  const labels = also.split(' ').flatMap((one) => names.find((name) => name === one) ?? []);
  if (labels.length === 0) return null;
  const listed = labels.map((name) => `“${LABELS[name]}”`).join(', ');
  return `Saved. Somebody else has changed ${listed} meanwhile; that is kept, and is what you see.`;
}

async function summaryOf(previews: Previews, desk: PublicationDesk, draft: Draft) {
  if (!OPEN_STATES.includes(draft.state)) return null;
  return readMailSummary(previews, desk, { source: { kind: 'draft', draftId: draft.id } });
}

/** Whom an email of its own is for, in numbers. */
export function readReach({ context }: Previews, { publication }: PublicationDesk, draft: Draft) {
  return readAudience(context.db, publication.id, draftOrder(draft.content));
}
