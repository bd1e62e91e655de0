import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { COMPILED_PATH, compileCheckout } from '../../support/paperround-process.js';
import { runInCommandHost } from '../../support/command-host.js';
import { openTerminal } from '../open-terminal.js';
import { deliveryReport, mail } from '../../platform/mail/reports/mails.js';

jest.setTimeout(90_000);
let folder: string;

const REPORT = deliveryReport([
  'Final-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown',
  'Final-Recipient: rfc822; bo@example.com\nAction: delayed\nStatus: 4.4.1',
]);

beforeAll(async () => {
  await compileCheckout();
  folder = mkdtempSync(join(tmpdir(), 'paperround-event-'));
  writeFileSync(join(folder, 'report.eml'), REPORT);
  writeFileSync(
    join(folder, 'letter.eml'),
    mail({
      headers: { 'Return-Path': '<a@b.example>', From: 'a@b.example', Subject: 'Hello' },
      body: 'Hello',
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a report is explained with one line of JSON for each recipient, without any setting or server', async () => {
  const { code, stdout, stderr } = await explain(['report.eml', 'letter.eml', '--json']);
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toEqual([
    expect.objectContaining({
      source: 'report.eml',
      kind: 'delivery-status',
      class: 'hard',
      recipient: 'ada@example.com',
      status: '5.1.1',
      reason: '550 5.1.1 User unknown',
    }),
    expect.objectContaining({
      source: 'report.eml',
      class: 'delayed',
      recipient: 'bo@example.com',
      status: '4.4.1',
    }),
    expect.objectContaining({ source: 'letter.eml', kind: 'other', class: 'none', recipient: null }),
  ]);
});

test('a mail on standard input is explained in words', async () => {
  const { code, stdout } = await explain(['-'], REPORT);
  expect(code).toBe(0);
  expect(stdout).toContain(
    '-: a delivery report (RFC 3464)\n  ada@example.com: hard, unknown-address, 550 5.1.1\n',
  );
  expect(stdout).toContain('  bo@example.com: delayed, 4.4.1\n');
});

test('a file that is not there is named, the others are explained, and the exit code tells', async () => {
  const { code, stdout, stderr } = await explain(['nowhere.eml', 'report.eml', '--json']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^nowhere\.eml cannot be read: /);
  expect(stdout.trim().split('\n')).toHaveLength(2);
});

test('a database that is at hand is asked, and one that is away is named while the mail is explained', async () => {
  const terminal = await openTerminal();
  try {
    const known = await terminal.run('event', 'explain', join(folder, 'report.eml'), '--json');
    expect([known.code, known.stderr]).toEqual([0, '']);
    expect(known.stdout.trim().split('\n')).toHaveLength(2);
    expect(known.stdout).not.toContain('deliveryId');
    const away = { ...terminal.environment, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    const { code, stdout, stderr } = await runInCommandHost(
      ['event', 'explain', join(folder, 'report.eml')],
      away,
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining('ada@example.com: hard')]);
    expect(stderr).toMatch(/^The database cannot be asked, so no delivery is named: /);
  } finally {
    await terminal.close();
  }
});

test('without a file it is wrong usage', async () => {
  expect(await explain([])).toMatchObject({ code: 2, stdout: '' });
});

function explain(
  words: string[],
  input?: Buffer,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [COMPILED_PATH, 'event', 'explain', ...words], {
      cwd: folder,
      env: { NODE_ENV: 'test', PATH: process.env['PATH'] },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}
