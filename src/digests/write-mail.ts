import type { Article } from '../articles/article.js';
import { findArticles } from '../articles/reads.js';
import type { Context } from '../platform/context.js';
import type { RenderedEmail } from '../platform/templates.js';
import type { Publication } from '../publications/publication.js';
import type { DigestOrder } from './digest.js';
import { digestData, materialOf, type Material, type Measure, type OwnWords } from './mail-data.js';
import { measures, MOST_HTML_BYTES, sizeOf, type MailSize } from './mail-size.js';
import { withoutSlots } from './slots.js';

export type WrittenMail = RenderedEmail & { size: MailSize };

type Order = {
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

const NO_WORDS: OwnWords = { subject: null, note: null };

/**
 * The mail that these articles make, with slots for what differs per reader. Trimmed until its HTML fits: first the
 * longest texts become summaries, then all, then pictures go, then excerpts, then articles.
 */
export async function writeMail(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  order: Order,
): Promise<WrittenMail> {
  const { publication, locale, articleIds, date, archiveUrl = null } = order;
  const own = order.own === undefined ? NO_WORDS : await readWords(order.own);
  const articles = inOrder(await findArticles(db, articleIds), articleIds);
  const material = materialOf(withoutSlots({ publication, articles, own, date, archiveUrl }));
  return fitMail(templates, locale, material);
}

/** What reads Markdown is loaded with the first note: most workers never see one. */
async function readWords({ subject, note }: Pick<DigestOrder, 'subject' | 'note'>): Promise<OwnWords> {
  if (note === null) return { subject, note: null };
  const { readNote } = await import('./note.js');
  return { subject, note: readNote(note) };
}

/** The most of this that fits. */
export function fitMail(
  templates: Pick<Context['templates'], 'email'>,
  locale: string,
  material: Material,
): WrittenMail {
  const written = (measure: Measure): WrittenMail => {
    const mail = templates.email('digest', locale, digestData(material, measure));
    return { ...mail, size: sizeOf(mail.html, material, measure) };
  };
  const [first, ...smaller] = measures(material.publication.contentMode === 'full');
  let [measure, mail] = [first, written(first)];
  for (const next of smaller) {
    if (fits(mail)) return mail;
    [measure, mail] = [next, written(next)];
  }
  return fits(mail) ? mail : withFewer(measure, written);
}

/** As many articles as fit, found by halving; one in any case. */
function withFewer(smallest: Measure, written: (measure: Measure) => WrittenMail): WrittenMail {
  let best = written({ ...smallest, articles: 1 });
  let [fit, tooMany] = [1, smallest.articles];
  while (tooMany - fit > 1) {
    const articles = Math.floor((fit + tooMany) / 2);
    const mail = written({ ...smallest, articles });
    if (!fits(mail)) tooMany = articles;
    else [fit, best] = [articles, mail];
  }
  return best;
}

/** More than a reader's own address and links are longer than the names of their slots. */
const ROOM_FOR_VALUES = 1_000;

function fits({ size }: WrittenMail): boolean {
  return size.htmlBytes <= MOST_HTML_BYTES - ROOM_FOR_VALUES;
}

/** Articles in the order of the variant's list; one that was erased meanwhile is left out. */
function inOrder(articles: Article[], ids: string[]): Article[] {
  const byId = new Map(articles.map((article) => [article.id, article]));
  return ids.map((id) => byId.get(id)).filter((article) => article !== undefined);
}
