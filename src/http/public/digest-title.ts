import { ownSubject } from '../../digests/compose/own-subject.js';
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
  publication: Publication,
  page: ArchivePage<Shown>,
): ArchivePage<Shown> & { title: string } {
  return { ...page, title: digestTitle(templates, publication, page) };
}

function digestTitle(
  { t }: Pick<Templates, 't'>,
  publication: Publication,
  { subject, articles, sentAt }: ArchivePage,
): string {
  const first = articles[0]?.title ?? '';
  const others = articles.length - 1;
  const facts = { first: articles[0]?.title, count: articles.length, date: sentAt };
  const own = subject ?? ownSubject(publication, facts);
  if (own !== null) return toSafeLine(own);
  return toSafeLine(
    others > 0 ? t(publication.locale, 'digestMail.subject', { first, count: others }) : first,
  );
}
