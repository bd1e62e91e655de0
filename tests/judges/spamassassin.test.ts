import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { goldenMessages } from './golden-messages.js';

// Without it the test is skipped; apt-get install spamassassin brings it, and its rules.
const hasSpamAssassin = spawnSync('spamassassin', ['--version']).status === 0;
const testWithSpamAssassin = hasSpamAssassin ? test : test.skip;

const MOST_POINTS = 1;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paperround-spamassassin-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Verdict = { points: number; rules: string };

/** One process for all of them: it takes a second to read its rules. It asks no server (`--local`), and learns nothing. */
function judge(messages: ReadonlyMap<string, Buffer>): Map<string, Verdict> {
  const box = join(folder, 'mails.mbox');
  const settings =
    'use_bayes 0\nuse_auto_whitelist 0\nreport_safe 0\nadd_header all Name _HEADER(Message-ID)_\n';
  writeFileSync(join(folder, 'settings'), settings);
  writeFileSync(box, [...messages.values()].map(toMboxEntry).join(''));
  const { stdout, stderr, status } = spawnSync(
    'spamassassin',
    ['--local', `--prefspath=${join(folder, 'settings')}`, '--mbox', box],
    { encoding: 'latin1', maxBuffer: 256 * 1024 * 1024, env: { ...process.env, HOME: folder, LC_ALL: 'C' } },
  );
  if (status !== 0) throw new Error(`spamassassin ended with ${status}: ${stderr}`);
  return new Map(stdout.split(/^From /m).flatMap(readVerdict));
}

/** Each line that an mbox would take for the beginning of a message is masked (RFC 4155 appendix A). */
function toMboxEntry(raw: Buffer): string {
  const lines = raw
    .toString('latin1')
    .replaceAll('\r\n', '\n')
    .replaceAll(/^From /gm, '>From ');
  return `From news@lantern.example Tue Sep 22 04:00:00 2026\n${lines}\n\n`;
}

function readVerdict(entry: string): [string, Verdict][] {
  const head = (entry.split('\n\n')[0] ?? '').replaceAll(/\n[ \t]+/g, ' ');
  const name = /^Message-ID: <(\S+)\.r1@/im.exec(head)?.[1];
  const [, points, rules = ''] =
    /^X-Spam-Status: \w+, score=(-?[\d.]+).*? tests=(.*?)(?: autolearn| version|$)/im.exec(head) ?? [];
  return name === undefined || points === undefined ? [] : [[name, { points: Number(points), rules }]];
}

testWithSpamAssassin(
  `SpamAssassin gives no kind of mail more than ${MOST_POINTS} point, and knows spam (skipped without SpamAssassin)`,
  async () => {
    const messages = await goldenMessages();
    const verdicts = judge(messages);
    expect([...verdicts.keys()].toSorted()).toEqual([...messages.keys()].toSorted());
    expect([...verdicts].filter(([, { points }]) => points > MOST_POINTS)).toEqual([]);
    // Generic Test for Unsolicited Bulk Email: https://spamassassin.apache.org/gtube/
    const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X';
    const [first = Buffer.alloc(0)] = messages.values();
    const spam = `${first
      .toString('latin1')
      .split('\r\n\r\n')[0]
      ?.replaceAll(/content-.*(\r\n\s.*)*/gi, 'X: y')}\r\n\r\n${gtube}\r\n`;
    expect([...judge(new Map([['spam', Buffer.from(spam)]])).values()][0]?.points).toBeGreaterThan(100);
  },
  240_000,
);
