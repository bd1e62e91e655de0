/** As much as is stored of what a server says (`parseReply` keeps as much of a reply). */
const MAX_LENGTH = 1_000;

/** A text on one line, without control characters, cut to a length that can be stored; undefined when nothing is left. */
export function toReason(text: string): string | undefined {
  const line = text
    .slice(0, 4 * MAX_LENGTH)
    .replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_LENGTH);
  return line === '' ? undefined : line;
}

/** The enhanced status (RFC 3463) in a text, never part of an IP address or a version. */
export function findStatus(text: string): string | undefined {
  return /(?:^|[\s#([:;<-])([45]\.\d{1,3}\.\d{1,3})(?![\d-]|\.\d)/.exec(text)?.[1];
}

/** The SMTP code in a text, where it is written as one: '550 5.1.1', 'said: 550', '(#550)'. */
export function findCode(text: string): number | undefined {
  const found = /(?:^|[\s;:#(<"'=])([45][0-5]\d)(?=$|[-\s)>,;:"'])(?!-\d+[.-]\d)/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
