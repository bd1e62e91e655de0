import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { formatJournalEntry, parseJournalEntry } from '../../../../src/platform/mail/log/journal.js';
import { searchMailLog } from '../../../../src/platform/mail/log/search.js';

const REMOTE = '/lib/systemd/systemd-journal-remote';
const hasJournalctl = spawnSync('journalctl', ['--version']).status === 0;
/** apt-get install systemd-journal-remote brings the program that makes a journal of a given one. */
const describeWithJournal = hasJournalctl && existsSync(REMOTE) ? describe : describe.skip;

type Entry = { at: Date; fields: Record<string, string> };

const mail = (at: Date, identifier: string, pid: number, message: string): Entry => ({
  at,
  fields: {
    SYSLOG_FACILITY: '2',
    SYSLOG_IDENTIFIER: identifier,
    SYSLOG_PID: `${pid}`,
    _HOSTNAME: 'mx',
    MESSAGE: message,
  },
});
const minute = (number: number) => new Date(Date.UTC(2026, 10, 22, 16, number));
const taken = (name: string, at: Date): Entry[] => [
  mail(at, 'postfix/smtpd', 11, `4jXb1d5yLkz${name}: client=unknown[127.0.0.1]`),
  mail(at, 'postfix/cleanup', 12, `4jXb1d5yLkz${name}: message-id=<${name}@lantern.example>`),
  mail(at, 'postfix/qmgr', 13, `4jXb1d5yLkz${name}: from=<x@y.example>, size=1, nrcpt=1 (queue active)`),
];

describe('an entry', () => {
  test('is written as syslog would have, in one line, whatever is in it', () => {
    const fields = {
      __REALTIME_TIMESTAMP: '1795363253512345',
      _HOSTNAME: 'mx',
      SYSLOG_IDENTIFIER: 'postfix/smtpd',
    };
    const line = (more: object) => formatJournalEntry({ ...fields, ...more });
    expect(line({ SYSLOG_PID: '7', _PID: '8', MESSAGE: 'connect' })).toMatch(
      /^2026-\S+Z mx postfix\/smtpd\[7\]: connect$/,
    );
    expect(line({ _PID: '8', MESSAGE: ['first', 'second'] })).toMatch(/\[8\]: first$/);
    expect(line({ MESSAGE: [...Buffer.from('a\nb')] })).toMatch(/smtpd: a b$/);
    expect(line({})).toBeUndefined();
    expect(formatJournalEntry({ MESSAGE: 'no time', SYSLOG_IDENTIFIER: 'x' })).toBeUndefined();
  });

  test('that is none is left out', () => {
    for (const line of ['', '{', '[]', 'null', '7', '{"MESSAGE":'])
      expect(parseJournalEntry(line)).toBeUndefined();
  });
});

describeWithJournal('a journal (skipped without journalctl and systemd-journal-remote)', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'paperround-journal-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A real journal with these entries: systemd's own program makes it from the export format. */
  function makeJournal(name: string, entries: readonly Entry[]): string {
    const directory = join(folder, name);
    const text = entries.map(({ at, fields }) => {
      const times = { __REALTIME_TIMESTAMP: `${at.getTime()}000`, __MONOTONIC_TIMESTAMP: `${at.getTime()}` };
      const all = { ...times, _BOOT_ID: '6623232ba389492885a0143de50cf4b8', ...fields };
      return Object.entries(all)
        .map(([key, value]) => `${key}=${value}\n`)
        .join('');
    });
    spawnSync('mkdir', ['-p', directory]);
    writeFileSync(join(folder, `${name}.export`), `${text.join('\n')}\n`);
    const words = [
      '--output',
      join(directory, 'remote.journal'),
      '--split-mode=none',
      join(folder, `${name}.export`),
    ];
    const { status, stderr } = spawnSync(REMOTE, words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return `journal:${directory}`;
  }

  const search = (name: string, since: Date) =>
    searchMailLog(name, ['<a@lantern.example>', '<b@lantern.example>'], since);
  const other: Entry = {
    at: minute(0),
    fields: { SYSLOG_FACILITY: '3', SYSLOG_IDENTIFIER: 'cron', MESSAGE: 'hourly' },
  };

  test('is read like a file, and covers what is asked where it begins before', async () => {
    const name = makeJournal('whole', [other, ...taken('a', minute(20))]);
    const answer = await search(name, minute(10));
    expect(answer).toMatchObject({ kind: 'read', from: minute(10), until: minute(20), hasLostLines: false });
    expect(answer).toMatchObject({ accepted: new Map([['<a@lantern.example>', '4jXb1d5yLkza']]) });
    const late = makeJournal('late', taken('a', minute(20)));
    expect(await search(late, minute(10))).toMatchObject({ from: minute(20) });
  });

  test('covers nothing before journald dropped lines', async () => {
    const dropped: Entry = {
      at: minute(25),
      fields: {
        SYSLOG_FACILITY: '3',
        SYSLOG_IDENTIFIER: 'systemd-journald',
        MESSAGE_ID: 'a596d6fe7bfa4994828e72309e95d61e',
        MESSAGE: 'Suppressed 812 messages from postfix@-.service',
      },
    };
    const name = makeJournal('dropped', [
      other,
      ...taken('a', minute(20)),
      dropped,
      ...taken('b', minute(30)),
    ]);
    const answer = await search(name, minute(10));
    expect(answer).toMatchObject({ from: minute(25), until: minute(30), hasLostLines: true });
    expect(answer.kind === 'read' && [...answer.accepted.keys()]).toHaveLength(2);
  });

  test('that is not there is said to be unreadable, in a sentence', async () => {
    expect(await search(`journal:${join(folder, 'none')}`, minute(10))).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringMatching(/^The mail log journal:\S+ cannot be read: .+ Nothing was decided\.$/),
    });
  });
});
