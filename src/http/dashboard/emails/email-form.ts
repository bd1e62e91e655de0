import { z } from 'zod';
import { articlePlaces, type ArticleChoice, type ArticlePlace } from '../../../digests/article-choices.js';
import {
  draftContents,
  type Draft,
  type DraftChange,
  type DraftContent,
} from '../../../digests/drafts/draft.js';
import { operatorTextSchema } from '../../../digests/digest.js';
import { mistakeWords } from '../../../platform/text/describe-mistakes.js';
import { cadences } from '../../../publications/publication.js';
import { languageSchema } from '../../../publications/place-schemas.js';

export const textFields = ['subject', 'preheader', 'note', 'outro'] as const;
export type TextField = (typeof textFields)[number];

export const LABELS: Readonly<Record<keyof DraftContent, string>> = {
  subject: 'Subject',
  preheader: 'Preview line',
  note: 'Intro',
  outro: 'Outro',
  articleChoices: 'Articles',
  contents: 'What it brings',
  audience: 'Who gets it',
};

/** A form as it was sent: what can be used, and what cannot, by field. */
export type ReadEmail = {
  version: number;
  texts: Partial<Record<TextField, string>>;
  change: DraftChange;
  mistakes: Partial<Record<keyof DraftContent, string>>;
};

const fieldsSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** Undefined: it is no form of ours. @param stored what the draft says now: what the form does not show stays */
export function readEmail(body: unknown, stored: Draft): ReadEmail | undefined {
  const fields = fieldsSchema.safeParse(body ?? {});
  const version = z.coerce.number().int().min(1).safeParse(fields.data?.['version']);
  if (!fields.success || !version.success) return undefined;
  const read: ReadEmail = { version: version.data, texts: {}, change: {}, mistakes: {} };
  for (const name of textFields) readText(read, name, fields.data[name]);
  readChoices(read, fields.data, stored.content.articleChoices);
  if (stored.cadence === null) readOwn(read, fields.data);
  return read;
}

function readText(read: ReadEmail, name: TextField, sent: string | string[] | undefined): void {
  if (typeof sent !== 'string') return;
  const text = sent.replaceAll('\r\n', '\n').trim();
  read.texts[name] = text;
  if (text === '') return void (read.change[name] = null);
  const parsed = operatorTextSchema.shape[name].safeParse(text, { error: mistakeWords });
  if (parsed.success) read.change[name] = parsed.data;
  else read.mistakes[name] = `${LABELS[name]} ${parsed.error.issues[0]?.message ?? 'cannot be used'}.`;
}

const placeSchema = z.enum(articlePlaces);

/** Articles with a place or a number; those that the page did not show keep what they have. */
function readChoices(
  read: ReadEmail,
  fields: Readonly<Record<string, string | string[]>>,
  stored: readonly ArticleChoice[],
): void {
  const shown = Object.keys(fields).flatMap((name) => (name.startsWith('place.') ? [name.slice(6)] : []));
  if (shown.length === 0) return;
  const chosen = shown.flatMap((id, at) => {
    const number = Number.parseInt([fields[`order.${id}`] ?? ''].join(), 10);
    const place = placeSchema.safeParse(fields[`place.${id}`]);
    if (!z.uuid().safeParse(id).success || (!place.success && Number.isNaN(number))) return [];
    const as: ArticlePlace = place.success ? place.data : 'placed';
    return [{ id, as, rank: Number.isNaN(number) ? 1000 + at : number }];
  });
  const kept = stored.filter(({ id }) => !shown.includes(id)).map((choice) => ({ ...choice, rank: 2000 }));
  read.change.articleChoices = [...chosen, ...kept]
    .toSorted((one, other) => placeRank(one) - placeRank(other) || one.rank - other.rank)
    .map(({ id, as }) => ({ id, as }));
}

function placeRank({ as }: ArticleChoice): number {
  return articlePlaces.indexOf(as);
}

/** Of an email of its own: whom it is for, and what it brings. */
function readOwn(read: ReadEmail, fields: Readonly<Record<string, string | string[]>>): void {
  const contents = z.enum(draftContents).safeParse(fields['contents']);
  if (contents.success) read.change.contents = contents.data;
  const cadence = z.enum(cadences).safeParse(fields['cadence']);
  const topics = [fields['topics'] ?? []].flat();
  const typed = fields['locale'];
  const language = typeof typed === 'string' ? typed.trim() : '';
  const locale = language === '' ? undefined : languageSchema.safeParse(language, { error: mistakeWords });
  if (locale?.success === false) read.mistakes.audience = 'The language is no tag like en, sw or pt-BR.';
  if (fields['cadence'] === undefined) return;
  read.change.audience = {
    ...(cadence.success && { cadence: cadence.data }),
    ...(locale?.data !== undefined && { locale: locale.data }),
    ...(topics.length > 0 && { topics: topics.slice(0, 30) }),
  };
}
