import { isUtf8 } from 'node:buffer';
import { decodeLine, type Encoding } from './detect-encoding.js';
import { MAX_RECORD_BYTES, type Line } from './table.js';

/** NUL, and all that is not ASCII. */
const NOT_PLAIN = /[\0\x80-\xff]/;

/**
 * Cuts bytes into lines, wherever the pieces end. Bytes are held as characters of their number, so that a letter in two pieces is
 * whole again before it is decoded; a line in an encoding of its own, with NUL, or too long, has a mistake, and the rest is read.
 */
export class LineSplitter {
  private rest = '';
  private isTooLong = false;
  private number = 0;
  private encoding: 'ascii' | 'utf-8' | 'windows-1252';

  constructor(
    encoding: Encoding,
    private readonly lineEnd: '\n' | '\r',
  ) {
    // UTF-16 comes here as UTF-8.
    this.encoding = encoding === 'utf-16le' || encoding === 'utf-16be' ? 'utf-8' : encoding;
  }

  push(bytes: Uint8Array): Line[] {
    const text = this.rest + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const lines: Line[] = [];
    let from = 0;
    for (let at = text.indexOf(this.lineEnd); at !== -1; at = text.indexOf(this.lineEnd, from)) {
      lines.push(this.finish(text.slice(from, at)));
      from = at + 1;
    }
    this.rest = text.slice(from);
    if (this.rest.length > MAX_RECORD_BYTES) {
      this.isTooLong = true;
      this.rest = '';
    }
    return lines;
  }

  end(): Line[] {
    return this.rest === '' && !this.isTooLong ? [] : [this.finish(this.rest)];
  }

  private finish(bytes: string): Line {
    const number = ++this.number;
    const isTooLong = this.isTooLong || bytes.length > MAX_RECORD_BYTES;
    this.isTooLong = false;
    if (isTooLong) return { number, text: '', mistake: 'too-long' };
    if (!NOT_PLAIN.test(bytes)) return { number, text: bytes };
    if (bytes.includes('\0')) return { number, text: bytes, mistake: 'nul' };
    const text = decodeLine(bytes, this.encodingOf(bytes));
    return text === undefined ? { number, text: bytes, mistake: 'not-text' } : { number, text };
  }

  /** The first line that has more than ASCII says what the file is in, where its beginning did not. */
  private encodingOf(bytes: string): 'utf-8' | 'windows-1252' {
    if (this.encoding === 'ascii')
      this.encoding = isUtf8(Buffer.from(bytes, 'latin1')) ? 'utf-8' : 'windows-1252';
    return this.encoding;
  }
}
