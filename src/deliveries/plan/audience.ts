import { cadencesOf, type Audience } from '../../digests/digest.js';
import { canonicalLanguageTag } from '../../platform/text/language-tag.js';
import type { Reader } from '../../subscribers/subscription.js';

/** A topic reaches who chose it, and who chose none and so gets everything. */
export function isInAudience(
  reader: Pick<Reader, 'cadence' | 'locale' | 'topics'>,
  audience: Audience,
): boolean {
  const { locale, topics } = audience;
  if (!cadencesOf(audience).includes(reader.cadence)) return false;
  if (locale !== undefined && !isSameLanguage(reader.locale, locale)) return false;
  if (topics === undefined || reader.topics.length === 0) return true;
  return reader.topics.some((topic) => topics.includes(topic));
}

function isSameLanguage(one: string, other: string): boolean {
  return (canonicalLanguageTag(one) ?? one) === (canonicalLanguageTag(other) ?? other);
}
