import type { Article } from '../../articles/article.js';
import { findArticles } from '../../articles/reads.js';
import type { Context } from '../../platform/context.js';
import type { RenderedEmail } from '../../platform/templates/templates.js';
import type { Publication } from '../../publications/publication.js';
import type { DigestOrder } from '../digest.js';
import {
  toTemplateData,
  prepareContent,
  type DigestContent,
  type SizeLimits,
  type OperatorText,
} from './digest-content.js';
import { listSizeLimits, MAX_HTML_BYTES, measureMail, type MailSize } from './mail-size.js';
import { removePlaceholders } from './placeholders.js';

export type ComposedMail = RenderedEmail & { size: MailSize };

type MailInput = {
  publication: Publication;
  locale: string;
  articleIds: string[];
  /** Of the mail. */
  date: Date;
  /** An operator's subject, and her note in Markdown. */
  own?: Pick<DigestOrder, 'subject' | 'note'>;
  /** Where the same can be read in a browser, when it can. */
  archiveUrl?: string;
};

const NO_OPERATOR_TEXT: OperatorText = { subject: null, note: null };

/**
 * The mail that these articles make, with slots for what differs per reader. Trimmed until its HTML fits: first the
 * longest texts become summaries, then all, then pictures go, then excerpts, then articles.
 */
export async function composeMail(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  order: MailInput,
): Promise<ComposedMail> {
  const { publication, locale, articleIds, date, archiveUrl = null } = order;
  const own = order.own === undefined ? NO_OPERATOR_TEXT : await readOperatorText(order.own);
  const articles = sortByIds(await findArticles(db, articleIds), articleIds);
  const material = prepareContent(removePlaceholders({ publication, articles, own, date, archiveUrl }));
  return fitMail(templates, locale, material);
}

/** What reads Markdown is loaded with the first note: most workers never see one. */
async function readOperatorText({
  subject,
  note,
}: Pick<DigestOrder, 'subject' | 'note'>): Promise<OperatorText> {
  if (note === null) return { subject, note: null };
  const { renderEditorNote } = await import('./editor-note.js');
  return { subject, note: renderEditorNote(note) };
}

/** The most of this that fits. */
export function fitMail(
  templates: Pick<Context['templates'], 'email'>,
  locale: string,
  material: DigestContent,
): ComposedMail {
  const written = (measure: SizeLimits): ComposedMail => {
    const mail = templates.email('digest', locale, toTemplateData(material, measure));
    return { ...mail, size: measureMail(mail.html, material, measure) };
  };
  const [first, ...smaller] = listSizeLimits(material.publication.contentMode === 'full');
  let [measure, mail] = [first, written(first)];
  for (const next of smaller) {
    if (isWithinLimit(mail)) return mail;
    [measure, mail] = [next, written(next)];
  }
  return isWithinLimit(mail) ? mail : fitByDroppingArticles(measure, written);
}

/** As many articles as fit, found by halving; one in any case. */
function fitByDroppingArticles(
  smallest: SizeLimits,
  written: (measure: SizeLimits) => ComposedMail,
): ComposedMail {
  let best = written({ ...smallest, articles: 1 });
  let [fit, tooMany] = [1, smallest.articles];
  while (tooMany - fit > 1) {
    const articles = Math.floor((fit + tooMany) / 2);
    const mail = written({ ...smallest, articles });
    if (!isWithinLimit(mail)) tooMany = articles;
    else [fit, best] = [articles, mail];
  }
  return best;
}

/** More than a reader's own address and links are longer than the names of their slots. */
const PLACEHOLDER_MARGIN_BYTES = 1_000;

function isWithinLimit({ size }: ComposedMail): boolean {
  return size.htmlBytes <= MAX_HTML_BYTES - PLACEHOLDER_MARGIN_BYTES;
}

/** Articles in the order of the variant's list; one that was erased meanwhile is left out. */
function sortByIds(articles: Article[], ids: string[]): Article[] {
  const byId = new Map(articles.map((article) => [article.id, article]));
  return ids.map((id) => byId.get(id)).filter((article) => article !== undefined);
}
