import { z } from 'zod';

/**
 * What no text that is stored, mailed or shown may have: legacy control codes, halves of surrogate pairs and noncharacters
 * (RFC 9839 section 2.2), line and paragraph separators (Unicode Standard section 5.8), the byte order mark, and marks that
 * embed, override or isolate a direction, with which text can show something else than it says (Unicode Technical Report 36,
 * section 3.4). As a range of a character class that every dialect of regular expressions reads alike.
 */
const NEVER_IN_TEXT =
  '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069' +
  '\\ufdd0-\\ufdef\\ufeff\\ufffe\\uffff';

/** In one line there is also no tab and no line end: a mail header could be ended by one (RFC 5322 section 2.2). */
const NEVER_IN_LINE = `${NEVER_IN_TEXT}\\t\\n\\r`;

const SAFE_LINE = new RegExp(`^[^${NEVER_IN_LINE}]*$`, 'u');
const SAFE_TEXT = new RegExp(`^[^${NEVER_IN_TEXT}]*$`, 'u');

const REFUSAL = 'has control characters';

/** Whether this is one line that may stand in a mail header. */
export function isSafeLine(text: string): boolean {
  return SAFE_LINE.test(text) && hasOnlyCharacters(text);
}

/** Halves of surrogate pairs, and all noncharacters. Other dialects of regular expressions have no class for them. */
const NO_CHARACTER = /[\p{Cs}\p{Noncharacter_Code_Point}]/u;

function hasOnlyCharacters(text: string): boolean {
  return !NO_CHARACTER.test(text);
}

/** One line as a person types it: without blanks at its ends, and at most so many UTF-16 units. */
export function lineSchema(maxLength: number) {
  return withoutControls(typed(z.string().trim(), maxLength), SAFE_LINE);
}

/** Lines as a person types them. */
export function textSchema(maxLength: number) {
  return withoutControls(typed(z.string(), maxLength), SAFE_TEXT);
}

/** What a program sends along: one line, or nothing. */
export function looseLineSchema(maxLength: number) {
  return withoutControls(z.string().max(maxLength), SAFE_LINE);
}

function typed(schema: z.ZodString, maxLength: number) {
  return schema.min(1, 'is empty').max(maxLength, `is longer than ${maxLength} characters`);
}

function withoutControls(schema: z.ZodString, pattern: RegExp) {
  return schema.regex(pattern, REFUSAL).refine(hasOnlyCharacters, REFUSAL);
}

/**
 * Any text, plain or HTML or XML, without what no text may have: for what was stored before it was looked at so closely, and
 * for what feeds say. Lines stay, and end in line feeds. Isolates stay where they are closed: our own templates write them.
 */
export function toSafeText(text: string): string {
  return balanceIsolates(
    text
      .replace(/\p{Cs}/gu, '\ufffd')
      .replace(/\r\n?|\p{Zl}|\p{Zp}/gu, '\n')
      .replace(/(?![\t\n])[\p{Cc}\p{Noncharacter_Code_Point}\u202a-\u202e\ufeff]/gu, ''),
  );
}

/** Control codes but for white space, and noncharacters. */
const FORBIDDEN_IN_HTML = /[^\P{Cc}\t\n\f\r]|\p{Noncharacter_Code_Point}/gu;

/**
 * A document by the same rules, in which U+FFFD stands in the place of what HTML forbids (HTML Standard, section 13.2.3.5).
 */
export function toSafeHtml(html: string): string {
  return toSafeText(html.replace(FORBIDDEN_IN_HTML, '\ufffd'));
}

/** Any text as one line that may stand in a mail header, by the same rules. */
export function toSafeLine(text: string): string {
  return toSafeText(text.replace(/\p{Cc}/gu, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

const POP = '\u2069';

/**
 * Removes isolates without an end, and ends without a beginning: they would reach into the text around them (Unicode Standard
 * Annex 9, section 3.1.2).
 */
function balanceIsolates(text: string): string {
  const open: number[] = [];
  const unpaired = new Set<number>();
  for (const { 0: mark, index } of text.matchAll(/[\u2066-\u2069]/g)) {
    if (mark !== POP) open.push(index);
    else if (open.pop() === undefined) unpaired.add(index);
  }
  for (const index of open) unpaired.add(index);
  if (unpaired.size === 0) return text;
  return text.replace(/[\u2066-\u2069]/g, (mark, index: number) => (unpaired.has(index) ? '' : mark));
}
