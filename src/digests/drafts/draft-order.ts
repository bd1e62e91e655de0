import { keptIds } from '../article-choices.js';
import type { Audience, DigestOrder } from '../digest.js';
import type { DraftContent } from './draft.js';
import { wordsOf } from './use-draft.js';

/**
 * The order that an email of its own is sent by. Whom its articles were mailed before gets it too: an editor chose both.
 */
export function draftOrder(content: DraftContent): DigestOrder {
  const { contents, articleChoices } = content;
  const articleIds = { none: [], new: null, chosen: keptIds(articleChoices) }[contents];
  return { ...wordsOf(content), articleIds, audience: audienceOf(content), again: articleIds !== null };
}

function audienceOf({ audience: { cadence, locale, topics } }: DraftContent): Audience {
  return { ...(cadence && { cadence }), ...(locale && { locale }), ...(topics && { topics }) };
}

/** Why an email of its own cannot be sent as it is; undefined: it can. */
export function findMissing({
  contents,
  subject,
  note,
  articleChoices,
}: DraftContent): 'words' | 'articles' | undefined {
  if (contents === 'none' && (subject === null || note === null)) return 'words';
  return contents === 'chosen' && keptIds(articleChoices).length === 0 ? 'articles' : undefined;
}
