import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readReport } from '../../../../src/platform/mail/reports/read-report.js';

const FOLDER = join(import.meta.dirname, '../../../../../shared/data/dsn-postfix');
const here = existsSync(FOLDER) ? test : test.skip;

type Case = {
  file: string;
  envelope_to: string;
  recipient: string;
  action: string;
  status: string;
  want: string;
};

const CLASS_OF: Record<string, string> = {
  hard: 'hard',
  'policy-block-not-address': 'sender-fault',
  'delayed-not-a-bounce': 'delayed',
  'soft-expired': 'soft',
};

here(
  "Postfix's delivery reports are read, international ones too (skipped without ../shared/data/dsn-postfix)",
  () => {
    const cases = JSON.parse(readFileSync(join(FOLDER, 'cases.json'), 'utf8')) as Case[];
    expect(cases.length).toBeGreaterThanOrEqual(12);
    for (const { file, envelope_to, recipient, action, status, want } of cases) {
      const report = readReport(readFileSync(join(FOLDER, file)));
      expect({ file, ...report }).toMatchObject({
        kind: 'delivery-status',
        recipients: [{ recipient, action, status, class: CLASS_OF[want] }],
        returnPaths: expect.arrayContaining([envelope_to]),
      });
      expect(report.messageIds.length).toBeGreaterThan(0);
      expect(report.date).toBeInstanceOf(Date);
    }
  },
);
