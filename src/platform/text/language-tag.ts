/** RFC 5646 section 4.4.1: longer ones may be cut, at the end of a subtag. */
const MAX_TAG_LENGTH = 35;

/**
 * A language tag (RFC 5646) in its canonical form, without extensions and private use, which name no language: pt-BR for
 * pt_br, he for iw. Of a tag that is not valid, as far as it is: pt-PT for WordPress's pt_PT_ao90.
 * @returns undefined when it does not begin with a language
 */
export function canonicalLanguageTag(text: string): string | undefined {
  for (const tag of truncatedTags(text.replaceAll('_', '-'))) {
    const { baseName } = parseTag(tag) ?? {};
    if (baseName !== undefined) return baseName;
  }
  return undefined;
}

/** The tag, and what is left of it without its last subtags: the order of a lookup (RFC 4647 section 3.4). */
export function truncatedTags(tag: string): string[] {
  const tags: string[] = [];
  for (let end = tag.length; end > 0; end = tag.lastIndexOf('-', end - 1))
    if (end <= MAX_TAG_LENGTH) tags.push(tag.slice(0, end));
  return tags;
}

function parseTag(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tag);
  } catch {
    return undefined;
  }
}
