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
  /** The mail's Date header. */
  date: Date;
  /** The operator's subject, and the note in Markdown. */
  operatorText?: Pick<DigestOrder, 'subject' | 'note'>;
  /** The digest's page in the archive, when it has one. */
  archiveUrl?: string;
};

const NO_OPERATOR_TEXT: OperatorText = { subject: null, note: null };

/**
 * Composes the mail of these articles, with placeholders for what differs from reader to reader. It is trimmed until its
 * HTML fits: first the longest texts become summaries, then all, then images go, then excerpts, then articles.
 */
export async function composeMail(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  input: MailInput,
): Promise<ComposedMail> {
  const { publication, locale, articleIds, date, archiveUrl = null } = input;
  const operatorText =
    input.operatorText === undefined ? NO_OPERATOR_TEXT : await readOperatorText(input.operatorText);
  const articles = sortByIds(await findArticles(db, articleIds), articleIds);
  const content = prepareContent(
    removePlaceholders({ publication, articles, operatorText, date, archiveUrl }),
  );
  return fitMail(templates, locale, content);
}

/** The Markdown parser is loaded with the first note: most workers never see one and need not hold it in memory. */
async function readOperatorText({
  subject,
  note,
}: Pick<DigestOrder, 'subject' | 'note'>): Promise<OperatorText> {
  if (note === null) return { subject, note: null };
  const { renderEditorNote } = await import('./editor-note.js');
  return { subject, note: renderEditorNote(note) };
}

/** Composes with the largest size limits whose mail fits. */
export function fitMail(
  templates: Pick<Context['templates'], 'email'>,
  locale: string,
  content: DigestContent,
): ComposedMail {
  const compose = (limits: SizeLimits): ComposedMail => {
    const mail = templates.email('digest', locale, toTemplateData(content, limits));
    return { ...mail, size: measureMail(mail.html, content, limits) };
  };
  const [largest, ...smaller] = listSizeLimits(content.publication.contentMode === 'full');
  let [limits, mail] = [largest, compose(largest)];
  for (const next of smaller) {
    if (isWithinLimit(mail)) return mail;
    [limits, mail] = [next, compose(next)];
  }
  return isWithinLimit(mail) ? mail : fitByDroppingArticles(limits, compose);
}

/** As many articles as fit, found by bisection; one even if it does not fit. */
function fitByDroppingArticles(
  smallest: SizeLimits,
  compose: (limits: SizeLimits) => ComposedMail,
): ComposedMail {
  let best = compose({ ...smallest, maxArticles: 1 });
  let [fitting, tooMany] = [1, smallest.maxArticles];
  while (tooMany - fitting > 1) {
    const maxArticles = Math.floor((fitting + tooMany) / 2);
    const mail = compose({ ...smallest, maxArticles });
    if (!isWithinLimit(mail)) tooMany = maxArticles;
    else [fitting, best] = [maxArticles, mail];
  }
  return best;
}

/** A reader's own address and links exceed their placeholders by less than this. */
const PLACEHOLDER_MARGIN_BYTES = 1_000;

function isWithinLimit({ size }: ComposedMail): boolean {
  return size.htmlBytes <= MAX_HTML_BYTES - PLACEHOLDER_MARGIN_BYTES;
}

/** Articles in the order of the variant's list; one that was erased meanwhile is left out. */
function sortByIds(articles: Article[], ids: string[]): Article[] {
  const byId = new Map(articles.map((article) => [article.id, article]));
  return ids.map((id) => byId.get(id)).filter((article) => article !== undefined);
}
