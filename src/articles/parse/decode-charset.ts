import { gunzipSync } from 'node:zlib';
import { restoreWindows1252 } from '../clean/clean-text.js';

/** Names that programs use and the Encoding Standard does not know. */
const ALIASES = new Map(
  Object.entries({
    cp874: 'windows-874',
    cp932: 'shift_jis',
    cp936: 'gbk',
    cp949: 'euc-kr',
    ms949: 'euc-kr',
    cp950: 'big5',
    macroman: 'macintosh',
    'mac-roman': 'macintosh',
  }),
);

/**
 * The text of a feed, whatever it was written in: byte order mark, then the XML declaration, then the content type,
 * then UTF-8. A feed that claims UTF-8 and plainly is not is read as Windows-1252, which is what it then always is;
 * one that claims Windows-1252 or ISO 8859-1 and is good UTF-8 is read as that. A single letter of Windows-1252 within
 * UTF-8 is read as what it is.
 * Undefined when it is larger than `limit`, also after unpacking a feed that is a gzip file.
 */
export function decodeCharset(
  body: Buffer,
  contentType: string | undefined,
  limit: number,
): string | undefined {
  const bytes = body[0] === 0x1f && body[1] === 0x8b ? gunzip(body, limit) : body;
  if (!bytes || bytes.length > limit) return undefined;
  const encoding = findByteOrderMark(bytes) ?? findXmlEncoding(bytes) ?? findCharset(contentType) ?? 'utf-8';
  if (encoding === 'windows-1252' && isUtf8(bytes)) return decode(bytes, 'utf-8');
  const text = decode(bytes, encoding);
  if (isMislabelled(text, encoding)) return decode(bytes, 'windows-1252');
  return encoding === 'utf-8' && text.includes('\ufffd') ? decode(repairStrayBytes(bytes), encoding) : text;
}

/** A byte above ASCII that stands alone is no UTF-8: somebody pasted a letter of Windows-1252 into it. */
function repairStrayBytes(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').replace(/(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])/g, (stray) => {
    return Buffer.from(restoreWindows1252(stray)).toString('latin1');
  });
  return Buffer.from(text, 'latin1');
}

/** Bytes that are not ASCII and yet make whole UTF-8 characters were meant to, whatever the label says. */
function isUtf8(bytes: Buffer): boolean {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).length < bytes.length;
  } catch {
    return false;
  }
}

function gunzip(body: Buffer, limit: number): Buffer | undefined {
  try {
    return gunzipSync(body, { maxOutputLength: limit });
  } catch {
    return undefined;
  }
}

function findByteOrderMark(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 4).toString('hex');
  if (head === 'fffe0000' || head === '3c000000') return 'utf-32le';
  if (head === '0000feff' || head === '0000003c') return 'utf-32be';
  if (head.startsWith('efbbbf')) return 'utf-8';
  if (head.startsWith('fffe') || head.startsWith('3c00')) return 'utf-16le';
  if (head.startsWith('feff') || head.startsWith('003c')) return 'utf-16be';
  return undefined;
}

function findXmlEncoding(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 1024).toString('latin1');
  const name = /<\?xml\s[^>]*?encoding\s*=\s*["']\s*([\w.:-]+)/i.exec(head)?.[1];
  return name ? knownEncoding(name) : undefined;
}

function findCharset(contentType: string | undefined): string | undefined {
  const name = /;\s*charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(contentType ?? '')?.[1];
  return name ? knownEncoding(name) : undefined;
}

/** UTF-16 is known by its first bytes: what reads as ASCII was not written in it, whatever it says. */
function knownEncoding(name: string): string | undefined {
  try {
    const { encoding } = new TextDecoder(ALIASES.get(name.toLowerCase()) ?? name);
    return encoding.startsWith('utf-16') ? undefined : encoding;
  } catch {
    return undefined;
  }
}

function decode(bytes: Buffer, encoding: string): string {
  if (encoding.startsWith('utf-32')) return decodeUtf32(bytes, encoding === 'utf-32le');
  const text = new TextDecoder(encoding).decode(bytes);
  // Node up to 22 decodes Windows-1252 as ISO 8859-1: the quotes and dashes come out as control characters.
  return encoding === 'windows-1252' ? restoreWindows1252(text) : text;
}

/** Browsers gave UTF-32 up, and TextDecoder with them. */
function decodeUtf32(bytes: Buffer, isLittle: boolean): string {
  const swapped = isLittle
    ? bytes
    : Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 4))).swap32();
  const characters: string[] = [];
  for (let at = 0; at + 4 <= swapped.length; at += 4) {
    const code = swapped.readUInt32LE(at);
    characters.push(code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code));
  }
  return characters.join('').replace(/^\ufeff/, '');
}

function isMislabelled(text: string, encoding: string): boolean {
  if (encoding !== 'utf-8' || !text.includes('\ufffd')) return false;
  const wrong = text.split('\ufffd').length - 1;
  const right = text.match(/[^\p{ASCII}\ufffd]/gu)?.length ?? 0;
  return wrong > right;
}
