import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { searchMailLog, type MailLogResult } from '../../../../src/platform/mail/log/search.js';
import { MINUTE_MS } from '../../../../src/platform/durations.js';

const LONG_AGO = new Date('2026-01-01T00:00:00Z');

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paperround-mail-log-'));
  file = join(folder, 'mail.log');
});
afterEach(() => rm(folder, { recursive: true }));

const id = (name: string) => `<${name}@lantern.example>`;

/** Writes lines as a log that was last changed at its last entry's time, or at a given one. */
async function write(path: string, lines: readonly string[], modifiedAt: Date): Promise<void> {
  const text = lines.map((line) => `${line}\n`).join('');
  await writeFile(path, path.endsWith('.gz') ? gzipSync(text) : text);
  await utimes(path, modifiedAt, modifiedAt);
}

async function search(names: readonly string[], since = LONG_AGO): Promise<MailLogResult> {
  const answer = await searchMailLog(file, names.map(id), since);
  if (answer.kind === 'unreadable') throw new Error(answer.reason);
  return answer;
}

/** What the log says of one message: its queue id, or that it is unclear, or nothing. */
async function resultOf(lines: readonly string[], name = 'tok'): Promise<string | undefined> {
  await write(file, lines, new Date('2026-11-22T17:00:53Z'));
  const { accepted, unclear } = await search([name]);
  return accepted.get(id(name)) ?? (unclear.has(id(name)) ? 'unclear' : undefined);
}

const LONG = '4jXb1d5yLkz1TGZj';
const SHORT = 'C352A9A7B5A';
const at = (seconds: string) => `2026-11-22T17:00:${seconds}.512345+00:00 mx`;
const began = (queueId: string, pid = 3904) =>
  `${at('53')} postfix/smtpd[${pid}]: ${queueId}: client=unknown[127.0.0.1]`;
const named = (queueId: string, name = 'tok') =>
  `${at('53')} postfix/cleanup[3907]: ${queueId}: message-id=<${name}@lantern.example>`;
const active = (queueId: string) =>
  `${at('53')} postfix/qmgr[3223]: ${queueId}: from=<news@lantern.example>, size=38340, nrcpt=1 (queue active)`;
const left = (text: string, pid = 3904) => `${at('53')} postfix/smtpd[${pid}]: ${text}`;
const brokenOff = left('lost connection after DATA (38113 bytes) from unknown[127.0.0.1]');
const goodbye = (data: string) =>
  left(`disconnect from unknown[127.0.0.1] ehlo=1 mail=1 rcpt=1 data=${data} commands=4`);

describe('Postfix', () => {
  test('a message counts as taken when the queue manager has it, although the client had gone after the dot', async () => {
    for (const queueId of [LONG, SHORT])
      expect(await resultOf([began(queueId), named(queueId), goodbye('1'), active(queueId)])).toBe(queueId);
  });

  test('the classic time format, instances, submission and the old queue manager mean the same', async () => {
    expect(
      await resultOf([
        'Nov 22 17:00:53 mx postfix/submission/smtpd[3904]: 4jXb1d5yLkz1TGZj: client=unknown[127.0.0.1]',
        'Nov 22 17:00:53 mx postfix/cleanup[3907]: 4jXb1d5yLkz1TGZj: message-id=<tok@lantern.example>',
        'Nov 22 17:00:53 mx postfix/qmgr[3223]: 4jXb1d5yLkz1TGZj: from=<news@lantern.example>, size=38340, nrcpt=1 (queue active)',
      ]),
    ).toBe(LONG);
    expect(
      await resultOf([
        'Nov  2 07:00:53 mx postfix-out/cleanup[3907]: C352A9A7B5A: message-id=<tok@lantern.example>',
        'Nov  2 07:00:53 mx postfix-out/oqmgr[3223]: C352A9A7B5A: from=<>, size=1, nrcpt=1 (queue active)',
      ]),
    ).toBe(SHORT);
  });

  test('a message with an id that is not active yet is unclear: it may have been answered 250 and be waiting', async () => {
    expect(await resultOf([began(SHORT), named(SHORT), goodbye('1')])).toBe('unclear');
    const held = `${at('53')} postfix/cleanup[26791]: ${SHORT}: hold: header Message-ID: <tok@lantern.example> from unknown[127.0.0.1]; from=<news@lantern.example> to=<reader@reader.example> proto=ESMTP helo=<client.example>: later`;
    expect(await resultOf([began(SHORT), held, named(SHORT), goodbye('1')])).toBe('unclear');
  });

  test('a message whose data broke off was not taken, whichever daemon wrote first', async () => {
    expect(await resultOf([began(LONG), named(LONG), brokenOff, goodbye('0/1')])).toBeUndefined();
    expect(await resultOf([began(LONG), brokenOff, goodbye('0/1'), named(LONG)])).toBeUndefined();
    const timeout = left('timeout after DATA (38114 bytes) from unknown[127.0.0.1]');
    expect(await resultOf([began(LONG), named(LONG), timeout, goodbye('0/1')])).toBeUndefined();
  });

  test('a broken connection concerns its present message, not the one before it and not another connection’s', async () => {
    const next = '4jXb1n1SR0z1TFnK';
    expect(await resultOf([began(SHORT), named(SHORT), began(next), brokenOff, goodbye('1/2')])).toBe(
      'unclear',
    );
    expect(await resultOf([began(SHORT), named(SHORT), goodbye('1'), began(next, 77), brokenOff])).toBe(
      'unclear',
    );
    const filtered = left('NOQUEUE: client=unknown[127.0.0.1]');
    expect(await resultOf([began(SHORT), named(SHORT), filtered, brokenOff])).toBe('unclear');
    const early = left('lost connection after RCPT from unknown[127.0.0.1]');
    expect(await resultOf([began(SHORT), named(SHORT), early])).toBe('unclear');
  });

  test('a message that was refused after its data was not taken', async () => {
    const refusals = [
      `cleanup[26791]: ${SHORT}: reject: header Message-ID: <tok@lantern.example> from unknown[127.0.0.1]; from=<news@lantern.example> to=<reader@reader.example> proto=ESMTP helo=<client.example>: 5.7.1 no`,
      `cleanup[26791]: ${SHORT}: milter-reject: END-OF-MESSAGE from unknown[127.0.0.1]: 4.7.1 Service unavailable - try again later; from=<news@lantern.example> to=<reader@reader.example> proto=ESMTP helo=<client.example>`,
      `cleanup[26375]: warning: ${SHORT}: queue file size limit exceeded`,
      `smtpd[3904]: ${SHORT}: reject: END-OF-MESSAGE from unknown[127.0.0.1]: 554 5.7.1 <END-OF-MESSAGE>: End-of-data rejected: Access denied; from=<news@lantern.example> to=<reader@reader.example> proto=ESMTP helo=<client.example>`,
    ].map((line) => `${at('53')} postfix/${line}`);
    for (const refusal of refusals) {
      expect(await resultOf([began(SHORT), named(SHORT), refusal, goodbye('0/1')])).toBeUndefined();
      expect(await resultOf([began(SHORT), refusal, named(SHORT), goodbye('0/1')])).toBeUndefined();
    }
  });

  test('a refused recipient refuses no message', async () => {
    const refusal = left(
      `${SHORT}: reject: RCPT from unknown[127.0.0.1]: 550 5.1.1 <x@reader.example>: Recipient address rejected; from=<news@lantern.example> to=<x@reader.example> proto=ESMTP helo=<client.example>`,
    );
    expect(await resultOf([began(SHORT), refusal, named(SHORT)])).toBe('unclear');
  });

  test('a queue id that is used again means another message', async () => {
    expect(
      await resultOf([named(SHORT), began(SHORT), named(SHORT, 'other'), active(SHORT)]),
    ).toBeUndefined();
    expect(await resultOf([named(SHORT), began(SHORT)])).toBeUndefined();
    const fromPickup = `${at('53')} postfix/cleanup[3907]: ${SHORT}: message-id=<>`;
    expect(await resultOf([named(SHORT), fromPickup, active(SHORT)])).toBeUndefined();
  });

  test('of two attempts with the same Message-ID one that was taken is enough', async () => {
    expect(
      await resultOf([began(LONG), named(LONG), brokenOff, began(SHORT), named(SHORT), active(SHORT)]),
    ).toBe(SHORT);
    expect(await resultOf([named(SHORT), active(SHORT), named(LONG)])).toBe(SHORT);
  });

  test('a message is found by its Message-ID also when its newsletter has moved to another domain', async () => {
    await write(file, [named(SHORT), active(SHORT)], new Date());
    const answer = await searchMailLog(file, ['<tok@elsewhere.example>'], LONG_AGO);
    expect(answer).toMatchObject({ accepted: new Map([['<tok@elsewhere.example>', SHORT]]) });
  });

  test('an entry that is quoted inside of another does not count', async () => {
    const forged = `${at('53')} postfix/cleanup[3907]: ${SHORT}: warning: header Subject: ${active(SHORT)}`;
    expect(await resultOf([named(SHORT), forged])).toBe('unclear');
    expect(await resultOf([named(SHORT), `${active(SHORT)} `])).toBe('unclear');
  });
});

describe('Exim', () => {
  const arrival = (time: string, queueId: string) =>
    `${time} ${queueId} <= news@lantern.example H=(client.example) [127.0.0.1] P=esmtp S=38340 id=tok@lantern.example`;

  test.each([
    ['2026-11-22 17:00:53', '1tEaBc-0001Xy-4F'],
    ['2026-11-22 17:00:53.123 +0000', '1tEaBc-00000001Xyz-4FaB'],
    ['2026-11-22 17:00:53 +0000 [4711]', '1tEaBc-0001Xy-4F'],
    ['Nov 22 17:00:53 mx exim[4711]:', '1tEaBc-0001Xy-4F'],
  ])('an arrival is a message taken: %s', async (time, queueId) => {
    expect(await resultOf([arrival(time, queueId), `${time} ${queueId} Completed`])).toBe(queueId);
    expect(await resultOf([`${arrival(time, queueId)} T="id=tok" for reader@reader.example`])).toBe(queueId);
  });

  test('a connection lost after the dot, a refusal and a delivery are not', async () => {
    const time = '2026-11-22 17:00:53';
    expect(
      await resultOf([
        `${time} SMTP connection lost after final dot H=(client.example) [127.0.0.1] P=esmtp`,
        `${time} 1tEaBc-0001Xy-4F H=(client.example) [127.0.0.1] F=<news@lantern.example> rejected after DATA id=tok@lantern.example`,
        `${time} 1tEaBc-0001Xy-4F => reader@reader.example R=dnslookup T=remote_smtp id=tok@lantern.example`,
      ]),
    ).toBeUndefined();
  });
});

describe('what the log covers', () => {
  const entry = (time: Date) => `${time.toISOString()} mx postfix/anvil[1]: statistics: max cache size 1`;
  const minute = (number: number) => new Date(Date.UTC(2026, 10, 22, 16, number));
  const span = (first: number, last: number) => [entry(minute(first)), entry(minute(last))];
  const covered = async (since: Date) => {
    const { from, until } = await search(['tok'], since);
    return [from, until];
  };

  test('is from the first entry to the last, with the rotated files as far back as is asked', async () => {
    await write(`${file}.2.gz`, [...span(0, 8), named(SHORT)], minute(9));
    await write(`${file}.1`, [...span(10, 18), active(SHORT)], minute(19));
    await write(file, span(20, 28), minute(28));
    expect(await covered(minute(25))).toEqual([minute(20), minute(28)]);
    expect(await covered(minute(19))).toEqual([minute(10), minute(28)]);
    expect(await covered(minute(5))).toEqual([minute(0), minute(28)]);
    expect(await covered(LONG_AGO)).toEqual([minute(0), minute(28)]);
    // Named in one file and queued in the next.
    expect((await search(['tok'])).accepted.get(id('tok'))).toBe(SHORT);
  });

  test('goes on through a log that was rotated a moment ago, and ends where a number is missing', async () => {
    await write(`${file}.3.gz`, span(0, 8), minute(9));
    await write(`${file}.1`, span(10, 18), minute(19));
    await write(file, [], minute(20));
    expect(await covered(LONG_AGO)).toEqual([minute(10), minute(18)]);
  });

  test('knows files that are named by their dates', async () => {
    await write(`${file}-20261121.gz`, span(0, 8), minute(9));
    await write(`${file}-20261122`, span(10, 18), minute(19));
    await write(`${file}-backup`, span(1, 2), minute(19));
    await write(file, span(20, 28), minute(28));
    expect(await covered(LONG_AGO)).toEqual([minute(0), minute(28)]);
  });

  test('ends at a damaged file, whose findings count all the same', async () => {
    await write(`${file}.1.gz`, [named(SHORT), active(SHORT)], minute(19));
    const packed = gzipSync([named(SHORT), active(SHORT), ...span(1, 2), ''].join('\n').repeat(2000));
    await writeFile(`${file}.1.gz`, packed.subarray(0, packed.length - 9));
    await write(file, span(20, 28), minute(28));
    expect(await covered(LONG_AGO)).toEqual([minute(20), minute(28)]);
    expect((await search(['tok'])).accepted.get(id('tok'))).toBe(SHORT);
  });

  test('an entry that is still being written is left out', async () => {
    await writeFile(file, `${span(20, 28).join('\n')}\n${named(SHORT)}\n${active(SHORT)}`);
    const { accepted, unclear } = await search(['tok']);
    expect([accepted.size, unclear.size]).toEqual([0, 1]);
  });

  test('times without a zone count when the file was changed at its last entry, and cover nothing when not', async () => {
    const last = new Date(2026, 10, 22, 16, 28, 30);
    const lines = ['Nov 22 16:20:00 mx a[1]: b', 'Nov 22 16:28:30 mx a[1]: b'];
    await write(file, lines, new Date(last.getTime() + 1000));
    expect(await covered(LONG_AGO)).toEqual([new Date(2026, 10, 22, 16, 20), last]);
    for (const hours of [-5, 1, 3]) {
      await write(
        file,
        [...lines, named(SHORT), active(SHORT), ...lines],
        new Date(last.getTime() + hours * 60 * MINUTE_MS),
      );
      expect(await covered(LONG_AGO)).toEqual([undefined, undefined]);
      expect((await search(['tok'])).accepted.size).toBe(1);
    }
  });

  test('a log over New Year began last year', async () => {
    const last = new Date(2027, 0, 1, 0, 0, 30);
    await write(file, ['Dec 31 23:50:00 mx a[1]: b', 'Jan  1 00:00:30 mx a[1]: b'], last);
    expect(await covered(LONG_AGO)).toEqual([new Date(2026, 11, 31, 23, 50), last]);
  });

  test('rotating while it is read makes no gap', async () => {
    await write(`${file}.1`, span(10, 18), minute(19));
    await write(file, span(20, 28), minute(28));
    for (let round = 0; round < 20; round += 1) {
      const asked = searchMailLog(file, [id('tok')], LONG_AGO);
      await rename(`${file}.1`, `${file}.2`);
      await rename(file, `${file}.1`);
      await write(file, span(30, 38), minute(38));
      const answer = await asked;
      // Between the two steps of a rotation there is no file of that name.
      if (answer.kind === 'read') {
        expect([minute(10), minute(20)]).toContainEqual(answer.from);
        expect([minute(28), minute(38)]).toContainEqual(answer.until);
      }
      await rename(`${file}.1`, file);
      await rename(`${file}.2`, `${file}.1`);
    }
  });
});

describe('a log that cannot be read', () => {
  test('says so in a sentence, and decides nothing', async () => {
    expect(await searchMailLog(file, [id('tok')], LONG_AGO)).toEqual({
      kind: 'unreadable',
      reason: `The mail log ${file} cannot be read: it is not there. Nothing was decided.`,
    });
    expect(await searchMailLog(folder, [id('tok')], LONG_AGO)).toMatchObject({ kind: 'unreadable' });
  });
});

test('whatever else is in the log, cut and mixed in any way, no message counts as taken and nothing throws', async () => {
  const real = [began(SHORT), named(SHORT), brokenOff, goodbye('0/1'), named(LONG, 'other'), active(LONG)];
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.tuple(fc.constantFrom(...real), fc.nat(200)).map(([line, length]) => line.slice(0, length)),
    fc.tuple(fc.constantFrom(...real), fc.nat(60)).map(([line, start]) => line.slice(start)),
    fc.constantFrom('\n', '\r\n', '\0', '\n\n', ...real.map((line) => `${line}\n`)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
      await writeFile(file, pieces.join(''));
      const { accepted } = await search(['tok']);
      // Its own queue id never became active, so only a name beside the other's could make it so.
      expect([undefined, LONG]).toContain(accepted.get(id('tok')));
      if (!pieces.join('').includes(`${LONG}: message-id=<tok@`)) expect(accepted.size).toBe(0);
    }),
    { numRuns: 150 },
  );
});

test('entries of other messages in between change nothing', async () => {
  const story = [began(SHORT), named(SHORT), goodbye('1'), active(SHORT)];
  const others = ['4jXb1n1SR0z1TFnK', '2CFFC9A7B5B'].flatMap((queueId) => [
    began(queueId, 55),
    named(queueId, 'other'),
    active(queueId),
    left('lost connection after DATA (0 bytes) from unknown[127.0.0.1]', 55),
  ]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...others), { minLength: 4, maxLength: 40 }), async (noise) => {
      const gap = Math.ceil(noise.length / story.length);
      const lines = story.flatMap((line, place) => [line, ...noise.slice(place * gap, (place + 1) * gap)]);
      expect(await resultOf(lines)).toBe(SHORT);
    }),
    { numRuns: 50 },
  );
});
