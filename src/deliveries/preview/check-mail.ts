import { findArticles } from '../../articles/reads.js';
import type { Article } from '../../articles/article.js';
import { describeMailSize } from '../../digests/compose/mail-size.js';
import { isPostalAddressMissing } from '../../digests/postal-address.js';
import type { Context } from '../../platform/context.js';
import { domainOf } from '../../platform/mail/address.js';
import type { Publication } from '../../publications/publication.js';
import { listSigningKeys } from '../../transports/dkim/reads.js';
import { normalizeSigningDomain } from '../../transports/dkim/key.js';
import type { PreviewMail } from './compose-preview.js';
import type { PreviewParts } from './parts.js';

/** What a person should know before a mail goes: `stops`: it does not go; `look`: it goes, and may be better. */
export type Check = {
  kind: 'stops' | 'look';
  code:
    | 'no-postal-address'
    | 'subject-length'
    | 'placeholder-words'
    | 'no-alt-text'
    | 'shortened'
    | 'clipped'
    | 'unsigned';
  /** What was found: words, titles, or a number; empty where the code says it all. */
  found: string[];
};

/** Phones show about 40 characters of a subject, most mail programs no more than this. */
const MAX_SUBJECT_LENGTH = 70;

/** Gmail shows about so much of a mail's HTML, and a link to the rest. */
const CLIPPED_AT_BYTES = 102 * 1024;

/** Words that somebody meant to replace; of those in capitals only capitals are meant. */
const PLACEHOLDER_WORDS = [
  /\blorem ipsum\b/gi,
  /\b(?:TODO|FIXME|TKTK|XXX+)\b/g,
  /\{\{[^{}]{0,60}\}\}/g,
  /\*\|[^|]{1,60}\|\*/g,
  /\[(?:insert|your|name|title|date)\b[^\]]{0,60}\]/gi,
];

/** What can be said of a mail without asking anybody else. */
export async function checkMail(
  context: Pick<Context, 'db' | 'now' | 'templates'>,
  publication: Publication,
  { mail, parts }: { mail: PreviewMail; parts: PreviewParts },
): Promise<Check[]> {
  const { db, templates } = context;
  const articles = await findArticles(db, parts.articleIds);
  const isSigned = publication.signedBy === 'server' || (await hasKey(context, publication));
  return [
    ...(isPostalAddressMissing(publication) ? [check('no-postal-address', [], true)] : []),
    ...checkSubject(mail.subject),
    ...checkWords(mail),
    ...checkAltTexts(publication, articles),
    ...checkSize(mail, templates),
    ...(mail.htmlBytes > CLIPPED_AT_BYTES ? [check('clipped', [`${Math.ceil(mail.htmlBytes / 1024)}`])] : []),
    ...(isSigned ? [] : [check('unsigned', [domainOf(publication.fromAddress)])]),
  ];
}

function check(code: Check['code'], found: string[], stops = false): Check {
  return { kind: stops ? 'stops' : 'look', code, found };
}

async function hasKey(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { fromAddress }: Publication,
): Promise<boolean> {
  const domain = normalizeSigningDomain(domainOf(fromAddress));
  return domain !== undefined && (await listSigningKeys(db, domain, now())).length > 0;
}

function checkSubject(subject: string): Check[] {
  const { length } = Array.from(subject);
  return length > MAX_SUBJECT_LENGTH ? [check('subject-length', [`${length}`])] : [];
}

function checkWords({ subject, text }: PreviewMail): Check[] {
  const all = `${subject}\n${text}`;
  const found = new Set(PLACEHOLDER_WORDS.flatMap((words) => all.match(words) ?? []));
  return found.size === 0 ? [] : [check('placeholder-words', [...found].slice(0, 5))];
}

/** Pictures within texts; that beside a title is decoration, and has none on purpose. */
function checkAltTexts({ contentMode }: Publication, articles: readonly Article[]): Check[] {
  if (contentMode !== 'full') return [];
  const titles = articles.filter(({ contentHtml }) => lacksAltText(contentHtml)).map(({ title }) => title);
  return titles.length === 0 ? [] : [check('no-alt-text', titles.slice(0, 5))];
}

function lacksAltText(html: string): boolean {
  return [...html.matchAll(/<img\b[^>]*>/gi)].some(([tag]) => !/\balt="[^"]*[^\s"][^"]*"/i.test(tag));
}

function checkSize(
  { size }: PreviewMail,
  { operatorWords }: Pick<Context['templates'], 'operatorWords'>,
): Check[] {
  if (size === undefined) return [];
  const { fullTextsLeftOut, picturesLeftOut, excerptsShortened, articlesLeftOut } = size;
  const lost = fullTextsLeftOut + picturesLeftOut + excerptsShortened + articlesLeftOut;
  return lost === 0 ? [] : [check('shortened', [describeMailSize(size, operatorWords)])];
}
