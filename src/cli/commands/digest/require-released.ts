import { checkReleased, describeUnreleased } from '../../../articles/release/unreleased.js';
import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import { CliError } from '../../cli-error.js';
import { isId } from '../../parse-id.js';

/**
 * Whether all of these can be sent.
 * @throws CliError with the state and time of those that are not out
 */
export async function requireReleased(
  { db, now, templates }: Context,
  { id: publicationId }: Publication,
  ids: readonly string[],
): Promise<void> {
  const result = ids.every(isId) ? await checkReleased(db, publicationId, ids) : undefined;
  if (result?.kind === 'all-released') return;
  if (result?.kind !== 'unreleased') {
    throw new CliError(
      'Nothing was sent. Every --article must be the id of a released article of this publication. ' +
        'See them with: paperround article list --state released',
      2,
    );
  }
  const { articles } = result;
  const why = articles.map((article) => describeUnreleased(article, now(), templates.operatorWords));
  const waiting = articles.find(({ state }) => state === 'waiting' || state === 'held');
  const wayOut =
    waiting === undefined ? [] : [`To let one go now: npx paperround article release ${waiting.id}`];
  throw new CliError(['Nothing was sent: only released articles can be.', ...why, ...wayOut].join('\n'));
}
