import { toSafeLine, toSafeText } from '../../platform/text/safe-text.js';
import { truncateText } from '../../platform/text/truncate.js';

// What Windows-1252 has where ISO 8859-1 and Unicode have C1 controls; five places are empty there too.
const WINDOWS_1252 = '€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ';

/** Safe text. C1 controls in the wild are Windows quotes and dashes, so they become what they were meant to be. */
export function cleanText(text: string): string {
  return toSafeText(restoreWindows1252(text).replace(/\p{Surrogate}/gu, ''));
}

/** C1 controls as the characters that Windows-1252 has in their place. */
export function restoreWindows1252(text: string): string {
  return text.replace(/[\u0080-\u009f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80] ?? '');
}

/** The same as one line, with every run of white space folded into one space. */
export function cleanLine(text: string): string {
  return toSafeLine(cleanText(text));
}

/** Cut a line of text to at most `maxLength` UTF-16 units: after a sentence where that keeps half, else after a word. */
export function truncateAfterSentence(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  if (maxLength < 1) return '';
  return truncateAtSentence(text, maxLength) ?? truncateText(text, maxLength);
}

/**
 * Three letters before a dot, or a short word before another sentence: "e.g.", "Mr.", "vs." and "U.S." end none. Nor do
 * other marks where it goes on in small letters.
 */
const SENTENCE_ENDS = new RegExp(
  '(?:' +
    [
      '[\\p{L}\\p{N}%)]{3}\\.["\'”’»)\\]]*(?=\\s)',
      '(?<=^|\\s)(?!vs|cf|ca|al|pp|ff|nr|no|st)[\\p{Ll}\\p{Lo}]{2}\\.["\'”’»)\\]]*(?=\\s\\P{Ll})',
      '[!?…؟]["\'”’»)\\]]*(?=\\s\\P{Ll})',
      '[。！？]["\'”’」』]*',
    ].join('|') +
    ')',
  'gu',
);

function truncateAtSentence(text: string, maxLength: number): string | undefined {
  let end = 0;
  for (const match of text.slice(0, maxLength + 2).matchAll(SENTENCE_ENDS)) {
    const after = match.index + match[0].length;
    if (after <= maxLength) end = after;
  }
  return end >= maxLength / 2 ? text.slice(0, end) : undefined;
}
