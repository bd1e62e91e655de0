import { LRUCache } from 'lru-cache';
import { removePlaceholders, type PlaceholderValues } from '../../digests/compose/placeholders.js';
import type { Digest } from '../../digests/digest.js';
import type { Context } from '../../platform/context.js';
import { toSafeText } from '../../platform/text/safe-text.js';
import { wrapPlainText } from '../../platform/templates/wrap-plain-text.js';
import type { Publication } from '../../publications/publication.js';
import type { BroughtFrom, Recipient } from '../../subscribers/reads.js';
import { formatConfirmationDate } from './confirmation-date.js';

type Parts = {
  reader: Pick<Recipient, 'timezone' | 'confirmedAt' | 'brought'>;
  publication: Pick<Publication, 'name'>;
  /** Undefined: a preview. */
  digest: Pick<Digest, 'id'> | undefined;
};

/**
 * Why a reader gets a digest: since when her address is confirmed; or through which product she subscribed, and since when the mails
 * come from here, which her first digest says at its top as well.
 * @param language one that has translations (`resolveLocale`)
 */
export function describeWhy(
  { templates }: Pick<Context, 'templates'>,
  parts: Parts,
  language: string,
): Pick<PlaceholderValues, 'confirmedOn' | 'how' | 'moved'> {
  const { reader, publication, digest } = parts;
  const { brought } = reader;
  const name = plain(publication.name);
  const confirmedOn = formatConfirmationDate(reader, language);
  if (brought === null)
    return {
      confirmedOn,
      how: describeConfirmed({ templates }, name, confirmedOn, language),
      moved: '',
    };
  const words = movedWords(brought, { name, timezone: reader.timezone }, language);
  const suffix = brought.joinedAt === null ? 'movedUndated' : 'moved';
  const { firstDigestId } = brought;
  const isFirst = firstDigestId === null || digest === undefined || firstDigestId === digest.id;
  const moved = isFirst
    ? `\n\n${wrapPlainText(templates.t(language, `mail.${suffix}`, words)).trimEnd()}`
    : '';
  const how = wrapPlainText(templates.t(language, `mail.how.${suffix}`, words)).trimEnd();
  return { confirmedOn, how, moved };
}

function movedWords(
  { product, joinedAt, movedAt }: BroughtFrom,
  { name, timezone }: { name: string; timezone: string },
  language: string,
): Record<string, string> {
  const dayOf = (at: Date) => formatConfirmationDate({ confirmedAt: at, timezone }, language);
  const joined: Record<string, string> = joinedAt === null ? {} : { joinedOn: dayOf(joinedAt) };
  return { product: plain(product), publication: name, movedOn: dayOf(movedAt), ...joined };
}

/** As the rest of a mail has it: nothing in it is taken for a placeholder, or shows something else than it says. */
function plain(name: string): string {
  const cached = cachedNames.get(name);
  if (cached !== undefined) return cached;
  const words = removePlaceholders(toSafeText(name));
  cachedNames.set(name, words);
  return words;
}

const cachedNames = new LRUCache<string, string>({ max: 1_000 });

/** Of many readers who confirmed on one day it is the same, and translating takes longer than the rest of a mail. */
const cachedWords = new LRUCache<string, string>({ max: 5_000 });

function describeConfirmed(
  { templates }: Pick<Context, 'templates'>,
  name: string,
  confirmedOn: string,
  language: string,
): string {
  const key = `${language} ${confirmedOn} ${name}`;
  const cached = cachedWords.get(key);
  if (cached !== undefined) return cached;
  const words = templates.t(language, 'mail.how.confirmed', { publication: name, confirmedOn });
  cachedWords.set(key, words);
  return words;
}
