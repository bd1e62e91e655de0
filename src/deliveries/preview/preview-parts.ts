import { findArticles } from '../../articles/reads.js';
import { matchTopics } from '../../digests/calendar/due.js';
import { orderOf, type Digest } from '../../digests/digest.js';
import { draftOrder } from '../../digests/drafts/draft-order.js';
import type { Draft } from '../../digests/drafts/draft.js';
import { findDraft, findOpenDraft } from '../../digests/drafts/reads.js';
import { findDigest, listVariantHeads } from '../../digests/reads.js';
import { truncatedTags } from '../../platform/text/language-tag.js';
import type { Publication } from '../../publications/publication.js';
import { findSubscription } from '../../subscribers/reads.js';
import { forecastForPage } from '../plan/estimate-digest.js';
import { listComingArticles, listDraftArticles, listExampleArticles } from './coming-articles.js';
import { partsForReader } from './parts-for-reader.js';
import type { AskedPreview, ListHead, PartsContext, PreviewParts, PreviewPartsResult } from './parts.js';
import type { PreviewSource, ReaderKind } from './source.js';

/** How many lists of a digest may be chosen from. */
const MAX_LISTS = 12;

/** Of what a preview is made. */
export async function readPreviewParts(
  context: PartsContext,
  publication: Publication,
  { source, as, readerId }: AskedPreview,
): Promise<PreviewPartsResult> {
  const { db } = context;
  const digest = source.kind === 'digest' ? await findDigest(db, source.digestId) : undefined;
  if (source.kind === 'digest' && digest?.publicationId !== publication.id) return { kind: 'unknown' };
  const draft = await findDraftFor(context, publication, source);
  if (source.kind === 'draft' && draft === undefined) return { kind: 'unknown' };
  const lists = digest === undefined ? [] : await listVariantHeads(db, digest.id, MAX_LISTS);
  const cadence = cadenceOf(source, digest, draft);
  const words = draft && {
    ...draftOrder(draft.content),
    ...(draft.cadence === null ? {} : { audience: {} }),
  };
  const parts = { ...NO_PARTS, digest, words, cadence, ...formatOf(as), lists };
  if (readerId !== undefined) {
    const reader = await findSubscription(db, readerId);
    if (reader?.publicationId !== publication.id) return { kind: 'unknown' };
    return partsForReader(context, publication, { source, draft, parts, reader });
  }
  const list = chooseList(context, publication, lists, as);
  if (list !== undefined) return { kind: 'parts', parts: partsOfList(context, publication, parts, list, as) };
  const articleIds = await listArticlesFor(context, publication, { source, digest, draft });
  const wanted = await ofTopic(context, articleIds, as);
  return withExample(context, publication, { ...parts, articleIds: wanted, locale: as.locale }, source);
}

const NO_PARTS = {
  reader: undefined,
  articleIds: [],
  isExample: false,
  variantId: undefined,
  locale: undefined,
};

/** One that is looked at, or that the digest to come will have. */
async function findDraftFor(
  { db }: PartsContext,
  publication: Publication,
  source: PreviewSource,
): Promise<Draft | undefined> {
  if (source.kind === 'draft') {
    const draft = await findDraft(db, source.draftId);
    return draft?.publicationId === publication.id ? draft : undefined;
  }
  if (source.kind !== 'coming' || source.coming === 'now') return undefined;
  const next = { publicationId: publication.id, cadence: source.coming, period: null };
  const draft = await findOpenDraft(db, next);
  return draft?.state === 'approved' ? draft : undefined;
}

function cadenceOf(
  source: PreviewSource,
  digest: Digest | undefined,
  draft: Draft | undefined,
): Digest['cadence'] {
  if (source.kind === 'digest') return digest?.cadence ?? 'operator';
  if (source.kind === 'draft') return draft?.cadence ?? 'operator';
  return source.coming === 'now' ? 'operator' : source.coming;
}

function formatOf({ format }: ReaderKind): Pick<PreviewParts, 'format' | 'withoutPictures'> {
  return {
    format: format === 'full' || format === 'summary' ? format : null,
    withoutPictures: format === 'without-pictures',
  };
}

/** The one that was chosen, or the longest in the language. */
function chooseList(
  { templates }: PartsContext,
  publication: Publication,
  lists: readonly ListHead[],
  as: ReaderKind,
): ListHead | undefined {
  const languages = truncatedTags(
    templates.resolveLocale(as.locale ?? publication.locale, publication.locale),
  );
  return (
    lists.find(({ id }) => id === as.list) ??
    lists.find(({ locale }) => languages.includes(locale)) ??
    lists[0]
  );
}

/** In another language or format the mail is made anew of the same articles. */
function partsOfList(
  { templates }: PartsContext,
  publication: Publication,
  parts: PreviewParts,
  { id, articleIds, locale, format, withoutPictures }: ListHead,
  as: ReaderKind,
): PreviewParts {
  const languageOf = (tag: string) => templates.resolveLocale(tag, publication.locale);
  const isInLanguage = as.locale === undefined || languageOf(as.locale) === languageOf(locale);
  if (isInLanguage && as.format === undefined)
    return { ...parts, articleIds, variantId: id, locale, format, withoutPictures };
  return { ...parts, articleIds, locale: as.locale ?? locale };
}

async function listArticlesFor(
  context: PartsContext,
  publication: Publication,
  { source, digest, draft }: { source: PreviewSource; digest: Digest | undefined; draft: Draft | undefined },
): Promise<string[]> {
  if (draft !== undefined) return listDraftArticles(context, publication, draft);
  if (source.kind === 'coming') return listComingArticles(context, publication, source.coming);
  if (digest === undefined) return [];
  const { db } = context;
  return (await forecastForPage({ db }, publication.id, orderOf(digest))).articleIds;
}

async function ofTopic({ db }: PartsContext, ids: string[], { topic }: ReaderKind): Promise<string[]> {
  if (topic === undefined || ids.length === 0) return ids;
  const isWanted = matchTopics([topic]);
  const wanted = new Set((await findArticles(db, ids)).filter(isWanted).map(({ id }) => id));
  return ids.filter((id) => wanted.has(id));
}

/** A word to readers needs no articles. */
async function withExample(
  context: PartsContext,
  publication: Publication,
  parts: PreviewParts,
  source: PreviewSource,
): Promise<PreviewPartsResult> {
  const hasOwnWords =
    parts.digest?.articleIds?.length === 0 || (source.kind === 'draft' && parts.cadence === 'operator');
  if (parts.articleIds.length > 0 || hasOwnWords) return { kind: 'parts', parts };
  const coming = source.kind === 'coming' ? source.coming : undefined;
  const articleIds = await listExampleArticles(context, publication, coming);
  return { kind: 'parts', parts: { ...parts, articleIds, isExample: true } };
}
