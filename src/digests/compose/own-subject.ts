import { formatDate } from '../../platform/text/format-dates.js';
import { truncateText } from '../../platform/text/truncate.js';
import type { Publication } from '../../publications/publication.js';
import { fillSubjectTemplate } from '../../publications/subject-template.js';

/** In characters: what inboxes on telephones and desktops mostly show, as for our own subjects. */
const MAX_LENGTH = 70;
/** Of the first title at least so much stays. */
const MIN_FIRST_LENGTH = 20;

/** The subject of a digest in the publisher's own wording; null: there is none, or no article to name. */
export function ownSubject(
  {
    subjectTemplate,
    name,
    timezone,
    locale,
  }: Pick<Publication, 'subjectTemplate' | 'name' | 'timezone' | 'locale'>,
  { first, count, date }: { first: string | undefined; count: number; date: Date },
): string | null {
  if (subjectTemplate === null || first === undefined) return null;
  const fill = (title: string) =>
    fillSubjectTemplate(subjectTemplate, {
      first: title,
      count: `${count}`,
      more: `${count - 1}`,
      newsletter: name,
      date: formatDate(date, timezone, locale),
    });
  const room = Math.max(MAX_LENGTH - fill('').length, MIN_FIRST_LENGTH);
  return fill(truncateText(first, room));
}
