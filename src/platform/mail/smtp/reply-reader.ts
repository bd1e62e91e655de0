/** One complete reply of a server; `text` is without codes, its lines joined with LF. */
export type Reply = { kind: 'reply'; code: number; text: string };

/** Cuts bytes into replies: give it a chunk, get what is complete by now, 'garbled' last when something else follows. */
export type ReplyReader = (chunk: Buffer) => (Reply | 'garbled')[];

/** Octets an unfinished reply may have before we stop believing that it ends (RFC 5321 allows 512 a line). */
const MAX_REPLY_BYTES = 64 * 1024;

/** Reads replies as RFC 5321 section 4.2 has them. After 'garbled' the reader, and the connection, is of no more use. */
export function createReplyReader(): ReplyReader {
  let rest = '';
  let begun: Line[] = [];
  return (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    const found: (Reply | 'garbled')[] = [];
    for (const each of lines) {
      const line = parseLine(each);
      if (line === undefined || (begun[0] ?? line).code !== line.code) return [...found, 'garbled'];
      begun.push(line);
      if (line.more) continue;
      found.push({ kind: 'reply', code: line.code, text: textOf(begun) });
      begun = [];
    }
    return isTooLong(rest, begun) ? [...found, 'garbled'] : found;
  };
}

type Line = { code: number; more: boolean; text: string };

function parseLine(line: string): Line | undefined {
  const match = /^(\d{3})(?:([ -])([^\r]*))?\r?$/.exec(line);
  if (match === null) return undefined;
  return { code: Number(match[1]), more: match[2] === '-', text: match[3] ?? '' };
}

function textOf(lines: Line[]): string {
  const text = lines.map((line) => line.text).join('\n');
  return /^[\0-\x7f]*$/.test(text) ? text : asUtf8(text);
}

/** Replies have no charset of their own; UTF-8 where it is UTF-8, else byte by byte. */
function asUtf8(text: string): string {
  const decoded = Buffer.from(text, 'latin1').toString('utf8');
  return decoded.includes('\ufffd') ? text : decoded;
}

function isTooLong(rest: string, begun: Line[]): boolean {
  return begun.reduce((sum, { text }) => sum + text.length + 4, rest.length) > MAX_REPLY_BYTES;
}
