import { createHash } from 'node:crypto';
import type { Article } from '../../../articles/article.js';
import { mistakeWords } from '../../../platform/text/describe-mistakes.js';
import { articleFields } from '../../api/article-schemas.js';

/** The fields of an article's forms, as they are typed; a list has one a line. */
export const formFields = ['title', 'url', 'summary', 'content', 'authors', 'image', 'categories'] as const;
export type FormField = (typeof formFields)[number];

export type ShownField = { name: FormField; value: string; mistake: string | null; seen: string };

/** Forms of operators' pages take 100 KB, and a letter may be nine bytes of a form: a longer text is corrected elsewhere. */
export const MAX_CONTENT_CHARS = 20_000;

/** What the fields of an article say now. */
export function fieldsOf(
  article: Pick<Article, 'title' | 'url' | 'summary' | 'contentHtml' | 'authors' | 'image' | 'categories'>,
): Record<FormField, string> {
  return {
    title: article.title,
    url: article.url ?? '',
    summary: article.summary,
    content: article.contentHtml,
    authors: article.authors.join('\n'),
    image: article.image ?? '',
    categories: article.categories.join('\n'),
  };
}

export const NO_FIELDS: Record<FormField, string> = {
  title: '',
  url: '',
  summary: '',
  content: '',
  authors: '',
  image: '',
  categories: '',
};

/** What a field said when its page was made: an unchanged one is not sent on. */
export function seenMark(text: string): string {
  return createHash('sha256').update(normalise(text)).digest('base64url').slice(0, 22);
}

/** Browsers send line ends as CR LF, and leave out one at the beginning. */
function normalise(text: string): string {
  return text.replaceAll('\r\n', '\n').trim();
}

export function typedFields(body: unknown): Partial<Record<FormField, string>> {
  const given = (body ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    formFields.flatMap((name) => {
      const text = given[name];
      return typeof text === 'string' ? [[name, normalise(text)]] : [];
    }),
  );
}

type Parsed = { kind: 'value'; value: unknown } | { kind: 'mistake'; words: string };

/** By the rules of the API. `value` undefined: nothing was typed. */
export function parseField(name: FormField, text: string): Parsed {
  const isList = name === 'authors' || name === 'categories';
  const typed = isList ? linesOf(text) : text;
  if (typed === '' && name !== 'title') return { kind: 'value', value: undefined };
  const parsed = articleFields[name].safeParse(typed, { error: mistakeWords });
  if (parsed.success) return { kind: 'value', value: parsed.data };
  return {
    kind: 'mistake',
    words: `${LABELS[name]} ${parsed.error.issues[0]?.message ?? 'cannot be used'}.`,
  };
}

export const LABELS: Record<FormField, string> = {
  title: 'Title',
  url: 'Address of its page',
  summary: 'Summary',
  content: 'Text, as HTML',
  authors: 'Authors',
  image: 'Address of its picture',
  categories: 'Categories',
};

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
