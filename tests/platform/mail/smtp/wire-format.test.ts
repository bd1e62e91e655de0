import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toWireContent } from '../../../../src/platform/mail/message.js';
import { createReplyReader } from '../../../../src/platform/mail/smtp/reply-reader.js';

test('a dot-stuffed body contains no final dot and is unstuffed to what it was', () => {
  const body = fc
    .array(fc.constantFrom('.', '..', 'a', '\r\n', '\r\n.', '\r\n.\r\n'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(body, (text) => {
      const wire = `\r\n${onTheWire(text)}`;
      expect(wire).not.toContain('\r\n.\r\n');
      expect(wire.endsWith('\r\n')).toBe(true);
      const back = wire.replaceAll('\r\n..', '\r\n.').slice(2);
      expect([text, `${text}\r\n`]).toContain(back);
    }),
  );
});

test('no mixture of CR, LF and dots can end a message early, for lenient servers either', () => {
  const body = fc.array(fc.constantFrom('.', '\r', '\n', 'a')).map((parts) => parts.join(''));
  fc.assert(
    fc.property(body, (text) => {
      expect(`\r\n${onTheWire(text)}`).not.toMatch(/(\r\n|\r|\n)\.(\r\n|\r|\n)/);
    }),
  );
});

test('a body that needs no change is not copied', () => {
  const raw = Buffer.from('Subject: a.b\r\n\r\nHello.\r\n');
  expect(toWireContent(raw)).toEqual({ chunks: [raw], length: raw.length });
  expect(toWireContent(raw).chunks[0]).toBe(raw);
});

test('a lone CR or LF becomes a line end, as some servers would take it for one', () => {
  expect(onTheWire('a\nb\rc\r\nd')).toBe('a\r\nb\r\nc\r\nd\r\n');
});

test('replies are read the same, however their bytes are split', () => {
  const bytes = Buffer.from('220 mail.test\r\n250-First – line\r\n250-\r\n250 Last\n354\r\n');
  const cuts = fc.array(fc.nat(bytes.length), { maxLength: 20 });
  fc.assert(
    fc.property(cuts, (places) => {
      const read = createReplyReader();
      const edges = [0, ...places.sort((a, b) => a - b), bytes.length];
      const chunks = edges.slice(1).map((end, at) => bytes.subarray(edges[at], end));
      expect(chunks.map(read).flat()).toEqual([
        { kind: 'reply', code: 220, text: 'mail.test' },
        { kind: 'reply', code: 250, text: 'First – line\n\nLast' },
        { kind: 'reply', code: 354, text: '' },
      ]);
    }),
  );
});

test.each([
  'hello\r\n',
  '250-Ok\r\n251 Ok\r\n',
  '25\r\n',
  '2500 Ok\r\n',
  '\r\n',
  'x'.repeat(70_000),
  '250-x\r\n'.repeat(20_000),
])('what is no reply is garbled (%#)', (text) => {
  expect(createReplyReader()(Buffer.from(text))).toContain('garbled');
  expect(createReplyReader()(Buffer.from(`220 Fine\r\n${text}`))).toEqual([
    { kind: 'reply', code: 220, text: 'Fine' },
    'garbled',
  ]);
});

function onTheWire(text: string): string {
  const { chunks, length } = toWireContent(Buffer.from(text));
  const bytes = Buffer.concat(chunks);
  expect(bytes.length).toBe(length);
  return bytes.toString();
}
