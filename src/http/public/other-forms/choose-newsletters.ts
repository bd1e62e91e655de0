import type { Publication } from '../../../publications/publication.js';

/** One form asks for so many newsletters at most: each is a mail to an address that nobody has confirmed. */
const MAX_NEWSLETTERS = 5;

/**
 * The newsletters that a form of another product signs up for.
 * @param publications those that still publish, oldest first: where two name one list it is the elder's
 * @param lists the ids that the form names; the only newsletter of a server takes any, and none
 */
export function chooseNewsletters(
  publications: readonly Publication[],
  lists: readonly string[],
): Publication[] {
  const named = lists.flatMap((list) => {
    const owner = publications.find(({ formLists }) => formLists.includes(list.trim().toLowerCase()));
    return owner === undefined ? [] : [owner];
  });
  if (named.length > 0) return [...new Set(named)].slice(0, MAX_NEWSLETTERS);
  return publications.length === 1 ? [...publications] : [];
}
