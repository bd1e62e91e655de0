import { arrange } from '../../digests/article-choices.js';
import type { Draft } from '../../digests/drafts/draft.js';
import { draftOrder } from '../../digests/drafts/draft-order.js';
import { DEFAULT_ORDER, orderOf, type Digest, type DigestSelection } from '../../digests/digest.js';
import type { Publication } from '../../publications/publication.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { previewReader } from '../plan/preview-reader.js';
import { selectAudience } from '../plan/select-audience.js';
import { SOON } from './coming-articles.js';
import type { PartsContext, PreviewParts, PreviewPartsResult } from './parts.js';
import { findDeliveredVariant } from './reads.js';
import type { PreviewSource } from './source.js';

type Found = { articleIds: string[] } & Partial<PreviewParts>;
type FoundOrWhy = { kind: 'found'; found: Found } | { kind: 'nothing'; why: string };

/** What this reader gets, by the rules of planning, or got. */
export async function partsForReader(
  context: PartsContext,
  publication: Publication,
  asked: { source: PreviewSource; draft: Draft | undefined; parts: PreviewParts; reader: Subscription },
): Promise<PreviewPartsResult> {
  const { parts, reader } = asked;
  const result = await findFor(context, publication, { ...asked, digest: parts.digest });
  if (result.kind === 'nothing') return { ...result, reader };
  const { locale, format, withoutPictures } = reader;
  return { kind: 'parts', parts: { ...parts, reader, locale, format, withoutPictures, ...result.found } };
}

type Asked = {
  source: PreviewSource;
  digest: Digest | undefined;
  draft: Draft | undefined;
  reader: Subscription;
};

async function findFor(
  context: PartsContext,
  publication: Publication,
  { source, digest, draft, reader }: Asked,
): Promise<FoundOrWhy> {
  if (digest !== undefined) return findOfDigest(context, publication, digest, reader);
  if (draft?.cadence === null) return findNow(context, publication, reader, draftOrder(draft.content));
  if (source.kind === 'coming' && source.coming === 'now') {
    return findNow(context, publication, reader, { ...DEFAULT_ORDER, audience: SOON });
  }
  const coming = await findComing(context, publication, reader);
  if (draft === undefined || coming.kind === 'nothing' || coming.found.cadence !== draft.cadence)
    return coming;
  const articles = coming.found.articleIds.map((id) => ({ id }));
  const articleIds = arrange(articles, draft.content.articleChoices).map(({ id }) => id);
  return articleIds.length === 0
    ? nothing('She would get nothing: all that is new to her was left out.')
    : { kind: 'found', found: { ...coming.found, articleIds } };
}

async function findOfDigest(
  { db }: PartsContext,
  publication: Publication,
  digest: Digest,
  reader: Subscription,
): Promise<FoundOrWhy> {
  const delivered = await findDeliveredVariant(db, digest.id, reader.id);
  if (delivered !== undefined) return { kind: 'found', found: delivered };
  if (digest.state !== 'held' && digest.state !== 'approved') return nothing('She is not among its readers.');
  if (reader.status !== 'confirmed') return nothing(`Her subscription is ${reader.status}.`);
  const [selected] = await selectAudience(db, publication.id, orderOf(digest), [reader]);
  return selected === undefined
    ? nothing('She would not get it: it is for others, or nothing in it is new to her.')
    : { kind: 'found', found: { articleIds: selected.articles.map(({ id }) => id) } };
}

async function findNow(
  { db }: PartsContext,
  publication: Publication,
  reader: Subscription,
  order: DigestSelection,
): Promise<FoundOrWhy> {
  if (reader.status !== 'confirmed') return nothing(`Her subscription is ${reader.status}.`);
  const [selected] = await selectAudience(db, publication.id, order, [reader]);
  return selected === undefined
    ? nothing('She would get nothing: she is no reader who is reached now, or nothing is new to her.')
    : { kind: 'found', found: { articleIds: selected.articles.map(({ id }) => id) } };
}

/** When she is due next. */
async function findComing(
  context: PartsContext,
  publication: Publication,
  reader: Subscription,
): Promise<FoundOrWhy> {
  const now = context.now();
  const at = reader.nextDueAt !== null && reader.nextDueAt > now ? reader.nextDueAt : now;
  const preview = await previewReader(context, publication, reader.email, at);
  const [next] = preview?.digests ?? [];
  if (next === undefined) return nothing(preview?.why ?? 'She is no reader.');
  const { cadence, articles } = next;
  return { kind: 'found', found: { cadence, articleIds: articles.map(({ id }) => id) } };
}

function nothing(why: string): FoundOrWhy {
  return { kind: 'nothing', why };
}
