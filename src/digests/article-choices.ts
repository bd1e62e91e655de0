import { z } from 'zod';

/**
 * What an editor decided about an article of a digest. `first`: before all others, however many there are. `placed`: in the
 * order of the choices. `later`: left out, and due still. `never`: left out, and counted as sent.
 */
export const articlePlaces = ['first', 'placed', 'later', 'never'] as const;
export type ArticlePlace = (typeof articlePlaces)[number];

export type ArticleChoice = { id: string; as: ArticlePlace };

/** More articles than anybody puts in order by hand. */
const MAX_CHOICES = 100;

export const choicesSchema = z
  .array(z.object({ id: z.uuid(), as: z.enum(articlePlaces) }))
  .max(MAX_CHOICES, `has more than ${MAX_CHOICES}`)
  .refine(
    (choices) => new Set(choices.map(({ id }) => id)).size === choices.length,
    'names an article twice',
  );

/**
 * The articles as the choices have them: what is left out is not among them, the chosen come in the order of the choices,
 * those that were chosen to be first before the others, and what nobody chose comes last, in its own order.
 */
export function arrange<Each extends { id: string }>(
  articles: readonly Each[],
  choices: readonly ArticleChoice[],
): Each[] {
  const byId = new Map(articles.map((article) => [article.id, article]));
  const chosen = (place: ArticlePlace) =>
    choices.flatMap(({ id, as }) => (as === place ? (byId.get(id) ?? []) : []));
  const named = new Set(choices.map(({ id }) => id));
  return [...chosen('first'), ...chosen('placed'), ...articles.filter(({ id }) => !named.has(id))];
}

/** The ids of the articles with this place. */
export function chosenAs(choices: readonly ArticleChoice[], place: ArticlePlace): Set<string> {
  return new Set(choices.filter(({ as }) => as === place).map(({ id }) => id));
}

/** The ids of the articles that were given a place in the mail. */
export function keptIds(choices: readonly ArticleChoice[]): string[] {
  return choices.filter(({ as }) => as === 'first' || as === 'placed').map(({ id }) => id);
}
