/** One SMTP reply, parsed. */
export type ParsedReply = {
  code: number;
  /** The enhanced status code (RFC 3463), such as '5.1.1'; absent without one that agrees with the code. */
  status?: string;
  /** Code and text on one line, cut to a length that is stored. */
  reply: string;
};

/** In characters. The longest replies of well-known servers, with their help links, are shorter. */
const MAX_REPLY_CHARACTERS = 1000;

/** @param text one or several lines, with or without the code in front of each */
export function parseReply(code: number, text: string): ParsedReply {
  const lines = text.split(/\r?\n/).map((line) => replaceControls(line.replace(/^\d{3}[ -]/, '')).trim());
  const status = lines.map((line) => findEnhancedStatus(line, code)).find((found) => found !== undefined);
  const reply = `${code} ${joinLines(lines, status)}`.slice(0, MAX_REPLY_CHARACTERS).trim();
  return { code, ...(status === undefined ? {} : { status }), reply };
}

/** The text of a reply in lower case without addresses and URLs: <spam.blocked@example.com> is not about spam. */
export function normalizedText(reply: string): string {
  return reply
    .toLowerCase()
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/https?:\/\/\S+/g, ' ')
    .replace(/<[^<>]*>|[^\s@<>()]{1,100}@[^\s@<>()]+/g, ' ')
    .replace(/\(\s*\)/g, ' ')
    .replace(/\s+/g, ' ');
}

/** "5.1.1" at the start of a line, or as "#5.1.0", "(5.1.1)" and "[5.7.1]" within it; never part of an IP address. */
function findEnhancedStatus(line: string, code: number): string | undefined {
  const found = /(?:^|[\s#([])([245]\.\d{1,3}\.\d{1,3})(?![\d-]|\.\d)/.exec(line)?.[1];
  return found?.startsWith(String(Math.trunc(code / 100))) ? found : undefined;
}

/** Servers repeat the status on every line; here it stands once. */
function joinLines(lines: string[], status: string | undefined): string {
  const [first = '', ...rest] = lines.filter((line) => line !== '');
  const prefix = status === undefined ? '' : `${status} `;
  return [first, ...rest.map((line) => (line.startsWith(prefix) ? line.slice(prefix.length) : line))].join(
    ' ',
  );
}

function replaceControls(line: string): string {
  return /^[ -~]*$/.test(line) ? line : line.replace(/\p{Cc}/gu, ' ');
}
