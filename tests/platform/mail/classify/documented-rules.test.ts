import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { BOUNCE_RULES } from '../../../../src/platform/mail/classify/bounce-rules.js';
import { DIAGNOSES, type Diagnosis } from '../../../../src/platform/mail/classify/diagnosis.js';

const PAGE = join(import.meta.dirname, '../../../../docs/bounces.md');

/** `WRITE_DOCS=1 npx jest documented-rules` writes the tables anew. */
test('the page about bounces has the table of diagnoses and every rule, in order', () => {
  const page = readFileSync(PAGE, 'utf8');
  const wanted = withTable(withTable(page, 'diagnoses', diagnosesTable()), 'rules', rulesTable());
  if (process.env['WRITE_DOCS'] === '1') writeFileSync(PAGE, wanted);
  expect(rowsOf(page)).toEqual(rowsOf(wanted));
});

test('the names of other programs lead to diagnoses that there are, with their classes', () => {
  const rows = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `(\w+)` +\| `([\w-]+)` +\| `([\w-]+)` +\|$/gm)];
  expect(rows.length).toBeGreaterThan(30);
  for (const [, name, diagnosis = '', of] of rows) {
    expect({ name, class: DIAGNOSES[diagnosis as Diagnosis]?.class }).toEqual({ name, class: of });
  }
});

test('what no rule knows is nothing that a reader is given up for', () => {
  expect(DIAGNOSES.unknown.class).toBe('sender-fault');
});

function withTable(page: string, name: string, table: string): string {
  return page.replace(
    new RegExp(`<!-- ${name} -->[^]*?<!-- end -->`),
    () => `<!-- ${name} -->\n\n${table}\n\n<!-- end -->`,
  );
}

function diagnosesTable(): string {
  const rows = Object.entries(DIAGNOSES).map(
    ([name, { class: of, scope, says }]) => `| \`${name}\` | \`${of}\` | ${scope} | ${says} |`,
  );
  return ['| Diagnosis | Class | Scope | What it says |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function rulesTable(): string {
  const rows = BOUNCE_RULES.map(({ status, code, diagnosis, example, source }) => {
    const when = status === undefined ? (code ?? 'words') : `\`${status}${status.endsWith('.') ? '*' : ''}\``;
    return `| ${when} | \`${diagnosis}\` | ${example} | ${source} |`;
  });
  return [
    '| Looks for | Diagnosis | Decides, for example | Source |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** Cells without the blanks that formatting adds. */
function rowsOf(page: string): string[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s|:-]+$/.test(line))
    .map((line) => line.replace(/ +\| */g, ' | ').trim());
}
