import { readDueCounts } from '../../../digests/calendar/due-counts.js';
import type { Context } from '../../../platform/context.js';
import { formatWeekdayTime } from '../../../platform/text/format-dates.js';
import type { Publication } from '../../../publications/publication.js';

/** What a page says where nothing was mailed yet, and when the first digest goes. */
export async function describeFirstDigest(
  context: Pick<Context, 'db' | 'now'>,
  publication: Publication,
): Promise<string> {
  if (publication.liveAt === null) return 'Nothing mailed yet. The newsletter is not live.';
  const [first] = await readDueCounts(context, publication.id);
  if (first === undefined)
    return 'Nothing mailed yet. Digests go to confirmed readers, each as often as she chose.';
  const at = formatWeekdayTime(first.dueAt, publication.timezone, 'en');
  return `Nothing mailed yet. The first goes out ${at} if an article appears.`;
}
