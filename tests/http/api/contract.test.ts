import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createToken } from '../../../src/operators/api-token.js';
import { sql } from '../../../src/platform/db/sql.js';
import { seed } from '../../support/seed.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReaders, readerAddresses } from '../../support/fixtures.js';

// Schemathesis reads openapi.json and generates valid and invalid requests: https://schemathesis.io
const tester = findTester();
const inFull = tester === undefined ? test.skip : test;
const where = tester === undefined ? ' (skipped: no schemathesis; SCHEMATHESIS names it)' : '';

let testApp: TestApp;
let folder: string;

beforeAll(async () => {
  testApp = await openTestApp();
  folder = mkdtempSync(join(tmpdir(), 'paperround-contract-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await testApp.close();
});

inFull(
  `the API does what its document says, whatever a program sends${where}`,
  async () => {
    const publication = await testApp.createPublication({ topics: ['Harbour', 'Town'] });
    await addReaders(testApp, publication, readerAddresses(3));
    await addArticles(testApp, publication, 'Harbour', 'Storm');
    const { token } = await createToken(testApp.context, {
      name: 'the tester',
      scopes: ['read', 'write', 'send'],
    });
    const there = {
      CONTRACT_DIGEST: await sendDigest(token),
      CONTRACT_HELD: await holdSignUps(publication.id),
    };
    // Schemathesis asks more often than a token may, and 429 would tell it nothing.
    const generous = setInterval(() => void testApp.context.db.run(sql`delete from rate_limits`), 500);
    const told = await run(tester ?? '', token, there);
    clearInterval(generous);
    expect(told).toEqual({ code: 0, output: expect.stringContaining('No issues found') });
  },
  600_000,
);

/** One digest for its valid requests to find. */
async function sendDigest(token: string): Promise<string> {
  const sent = await fetch(`${testApp.url}/api/v1/digests`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ publication: 'lantern' }),
  });
  const { id } = (await sent.json()) as { id: string };
  return id;
}

/** Sign-ups for its valid requests to decide, each of them once. */
async function holdSignUps(publicationId: string): Promise<string> {
  const { db, now } = testApp.context;
  const rows = await db.many<{ id: string }>(sql`
    insert into sign_up_requests (publication_id, email, outcome, reasons, created_at)
    select ${publicationId}, concat('held-', n, '@example.com'), 'held', '{flood}', ${now()}
      from generate_series(1, 300) n
    returning id
  `);
  return rows.map(({ id }) => id).join();
}

async function run(
  command: string,
  token: string,
  there: Record<string, string>,
): Promise<{ code: unknown; output: string }> {
  const child = spawn(
    command,
    [
      ...['run', `${testApp.url}/api/v1/openapi.json`, '--header', `Authorization: Bearer ${token}`],
      ...['--checks', 'all', '--phases', 'examples,coverage,fuzzing,stateful', '--max-examples', '5'],
      ...[
        '--seed',
        `${seed}`,
        '--generation-database',
        'none',
        '--no-color',
        // Whether it guessed the ids that one operation needs, which is no fault of the API and differs with each seed.
        '--warnings',
        'off',
        '--suppress-health-check',
        'filter_too_much,too_slow',
      ],
    ],
    {
      cwd: folder,
      env: {
        ...process.env,
        ...there,
        SCHEMATHESIS_HOOKS: 'contract_formats',
        PYTHONPATH: fileURLToPath(new URL('.', import.meta.url)),
        PYTHONDONTWRITEBYTECODE: '1',
      },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = await once(child, 'close');
  return { code, output };
}

/** SCHEMATHESIS, the PATH, or a virtual environment below the checkout. */
function findTester(): string | undefined {
  const here = fileURLToPath(new URL('../../../.cache/schemathesis/bin', import.meta.url));
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), here];
  const named = process.env['SCHEMATHESIS'];
  const places = [...(named ? [named] : []), ...folders.map((each) => join(each, 'schemathesis'))];
  return places.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
