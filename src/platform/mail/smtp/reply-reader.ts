/** One complete reply of a server; `text` is without codes, its lines joined with LF. */
export type Reply = { kind: 'reply'; code: number; text: string };

/**
 * Takes a chunk and returns the replies that are complete by now. 'garbled', always the last, stands for what is no
 * reply.
 */
export type ReplyReader = (chunk: Buffer) => (Reply | 'garbled')[];

/** An incomplete reply of more octets counts as garbled (RFC 5321 section 4.5.3.1.5 allows 512 a line). */
const MAX_REPLY_BYTES = 64 * 1024;

/** Reads replies (RFC 5321 section 4.2). After 'garbled' neither the reader nor the connection can be used. */
export function createReplyReader(): ReplyReader {
  let rest = '';
  let started: Line[] = [];
  return (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    const replies: (Reply | 'garbled')[] = [];
    for (const text of lines) {
      const line = parseLine(text);
      if (line === undefined || (started[0] ?? line).code !== line.code) return [...replies, 'garbled'];
      started.push(line);
      if (line.more) continue;
      replies.push({ kind: 'reply', code: line.code, text: textOf(started) });
      started = [];
    }
    return isTooLong(rest, started) ? [...replies, 'garbled'] : replies;
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
  return /^[\0-\x7f]*$/.test(text) ? text : decodeUtf8(text);
}

/** Replies name no charset: they are read as UTF-8 if they are valid UTF-8, otherwise as Latin-1. */
function decodeUtf8(text: string): string {
  const decoded = Buffer.from(text, 'latin1').toString('utf8');
  return decoded.includes('\ufffd') ? text : decoded;
}

function isTooLong(rest: string, started: Line[]): boolean {
  return started.reduce((sum, { text }) => sum + text.length + 4, rest.length) > MAX_REPLY_BYTES;
}
