import type { ArchivePage } from '../../digests/archive/pages.js';
import { toSafeLine } from '../../platform/text/safe-text.js';
import type { Templates } from '../../platform/templates/templates.js';
import type { Publication } from '../../publications/publication.js';
import type { Teaser } from '../../articles/reads.js';

/**
 * A digest with its title, which is the subject of its mail: the operator's own, else made from its first article and how
 * many more there are.
 */
export function withTitle<Shown extends Teaser>(
  templates: Pick<Templates, 't'>,
  { locale }: Publication,
  page: ArchivePage<Shown>,
): ArchivePage<Shown> & { title: string } {
  return { ...page, title: digestTitle(templates, locale, page) };
}

function digestTitle(
  { t }: Pick<Templates, 't'>,
  locale: string,
  { subject, articles }: ArchivePage,
): string {
  const first = articles[0]?.title ?? '';
  const others = articles.length - 1;
  if (subject !== null) return toSafeLine(subject);
  return toSafeLine(others > 0 ? t(locale, 'digestMail.subject', { first, count: others }) : first);
}
