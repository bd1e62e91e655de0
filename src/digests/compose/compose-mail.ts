import type { Article } from '../../articles/article.js';
import { findArticles } from '../../articles/reads.js';
import type { Context } from '../../platform/context.js';
import type { RowFailure } from '../../platform/process/isolate-faults.js';
import type { RenderedEmail } from '../../platform/templates/templates.js';
import type { Publication } from '../../publications/publication.js';
import { keptIds } from '../article-choices.js';
import type { DigestOrder, DigestWords } from '../digest.js';
import {
  toTemplateData,
  prepareContent,
  type DigestContent,
  type SizeLimits,
  type OperatorText,
} from './digest-content.js';
import { listSizeLimits, MAX_HTML_BYTES, measureMail, type MailSize } from './mail-size.js';
import { removePictures } from './remove-pictures.js';
import { removePlaceholders } from './placeholders.js';

export type ComposedMail = RenderedEmail & { size: MailSize };

/** A mail, and the articles that had to be left out of it because no mail can be composed of them. */
export type SoundMail = ComposedMail & { failures: RowFailure<Article>[] };

type MailInput = {
  publication: Publication;
  locale: string;
  withoutPictures?: boolean;
  articleIds: string[];
  /** The mail's Date header. */
  date: Date;
  /** The operator's words; which articles are kept when some have to be left out for the mail's size. */
  operatorText?: OperatorWords;
  /** The digest's page in the archive, when it has one. */
  archiveUrl?: string;
};

type OperatorWords = DigestWords & Pick<DigestOrder, 'articleChoices'>;

const NO_OPERATOR_TEXT: OperatorText = { subject: null, preheader: null, note: null, outro: null, kept: [] };

/**
 * Composes the mail of these articles, with placeholders for what differs from reader to reader. It is trimmed until its
 * HTML fits: first the longest texts become summaries, then all, then images go, then excerpts, then articles.
 */
export async function composeMail(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  input: MailInput,
): Promise<SoundMail> {
  const { publication, locale, articleIds, date, archiveUrl = null } = input;
  const operatorText =
    input.operatorText === undefined ? NO_OPERATOR_TEXT : await readOperatorText(input.operatorText);
  const whole = sortByIds(await findArticles(db, articleIds), articleIds);
  const articles = input.withoutPictures === true ? whole.map(removePictures) : whole;
  const compose = (some: readonly Article[]) => {
    const content = { publication, articles: [...some], operatorText, date, archiveUrl };
    return fitMail(templates, locale, prepareContent(removePlaceholders(content)));
  };
  return leaveOutFaulty(articles, compose);
}

/** One article does not keep the others of its digest from readers. @throws when it is not an article's fault */
function leaveOutFaulty(
  articles: readonly Article[],
  compose: (articles: readonly Article[]) => ComposedMail,
): SoundMail {
  try {
    return { ...compose(articles), failures: [] };
  } catch (error) {
    const failures = articles.flatMap((row) => {
      const own = faultOf(() => compose([row]));
      return own === undefined ? [] : [{ row, error: own.error }];
    });
    const sound = articles.filter((article) => !failures.some(({ row }) => row === article));
    if (failures.length === 0 || sound.length === 0) throw error;
    return { ...compose(sound), failures };
  }
}

function faultOf(work: () => unknown): { error: unknown } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** The Markdown parser is loaded with the first note: most workers never see one and need not hold it in memory. */
async function readOperatorText({
  note,
  outro,
  articleChoices,
  ...lines
}: OperatorWords): Promise<OperatorText> {
  const kept = keptIds(articleChoices);
  if (note === null && outro === null) return { ...lines, note: null, outro: null, kept };
  const { renderEditorNote } = await import('./editor-note.js');
  const render = (text: string | null) => (text === null ? null : renderEditorNote(text));
  return { ...lines, note: render(note), outro: render(outro), kept };
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
