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
  return SAFE_LINE.test(text) && isWellFormed(text);
}

/** Not in the ranges, because other dialects of regular expressions have no halves of surrogate pairs. */
function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
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
  return schema.regex(pattern, REFUSAL).refine(isWellFormed, REFUSAL);
}

/**
 * Any text as one line that may stand in a mail header: for what was stored before it was looked at so closely, and for what
 * feeds say. Isolates stay where every one has an end: our own templates write them.
 */
export function toSafeLine(text: string): string {
  return removeOpenIsolates(text.replace(/\p{Cs}/gu, '\uFFFD'))
    .replace(/[\u202a-\u202e\ufdd0-\ufdef\ufeff\ufffe\uffff]/g, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
}

/** An isolate cannot reach beyond its end (Unicode Standard Annex 9, section 2.2); one without an end reaches on. */
function removeOpenIsolates(line: string): string {
  let open = 0;
  for (const [mark] of line.matchAll(/[\u2066-\u2069]/g)) {
    open += mark === '\u2069' ? -1 : 1;
    if (open < 0) break;
  }
  return open === 0 ? line : line.replace(/[\u2066-\u2069]/g, '');
}
