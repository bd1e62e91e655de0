import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/** Every module and its steps, in the order in which they may import: repeated here on purpose, to check the rules. */
const modules: Record<string, string> = {
  operators: 'activity . sessions credentials invitations recovery purge',
  transports: '. limits circuits provider-limits choose dkim sender-dns',
  publications: '.',
  subscribers:
    '. counts list attack due mail-cap consent suppression sign-up preferences leave confirm address-change old-links import erase together',
  articles: 'clean parse . feeds release ingest poll',
  digests: '. calendar drafts open compose archive',
  deliveries:
    '. alerts batches plan send preview notices recover reconcile mailed control self-service purge',
  events: '. record inbound providers',
  exports: '.',
  dashboard: '.',
};
const order = Object.keys(modules);
const otherFolders = ['http', 'cli', 'platform', 'embed'];

/** A file and what it imports. */
type Plant = readonly [file: string, from: string];

const wrong: Record<string, Plant[]> = {
  'A module imports platform and the modules above it': [
    ...laterPairs(order).map(([one, later]): Plant => [`src/${one}/to-${later}.ts`, `../${later}/reads.js`]),
    // At every depth, and from the files that may write SQL.
    ...laterPairs(order).map(([one, later]): Plant => [
      `src/${one}/deep/er/${later}-writes.ts`,
      `../../../${later}/some/reads.js`,
    ]),
    ...order.flatMap((name): Plant[] => [
      [`src/${name}/to-http.ts`, '../http/app.js'],
      [`src/${name}/to-cli.ts`, '../cli/output.js'],
      [`src/${name}/to-main.ts`, '../main.js'],
      [`src/${name}/to-workers.ts`, '../../workers/handlers.js'],
    ]),
  ],
  'A step of a module imports the steps before it': [
    ...order.flatMap((name) =>
      laterPairs(stepsOf(name)).map(([one, later]): Plant => [
        `src/${name}/${folderOf(one)}to-step-${later.replace('.', 'root')}.ts`,
        `${one === '.' ? './' : '../'}${folderOf(later)}some.js`,
      ]),
    ),
    // A folder that is no step of its module yet has no place in its order.
    ['src/articles/unheard-of/to-step.ts', '../article.js'],
    ['src/articles/parse/xml/to-step.ts', '../../release/release.js'],
  ],
  'Platform imports no module and no door': ['', 'db/', 'jobs/', 'mail/smtp/', 'embedded/'].flatMap(
    (folder) =>
      [...order, 'http', 'cli'].map((name): Plant => [
        `src/platform/${folder}to-${name}.ts`,
        `${'../'.repeat(folder.split('/').length)}${name}/reads.js`,
      ]),
  ),
  'The doors do not know each other': [
    ['src/http/to-workers.ts', '../../workers/handlers.js'],
    ['src/http/public/sign-up/to-cli.ts', '../../../cli/output.js'],
    ['workers/to-http.ts', '../src/http/app.js'],
    ['workers/to-cli.ts', '../src/cli/output.js'],
    ['src/embed/to-http.ts', '../http/app.js'],
  ],
  'writes.ts is private to its module': [
    ['src/http/public/to-rows.ts', '../../subscribers/writes.js'],
    ['src/http/to-rows.ts', '../deliveries/notices/writes.js'],
    ['src/deliveries/plan/to-rows.ts', '../../digests/writes.js'],
    ['src/dashboard/to-rows.ts', '../articles/feeds/hub-writes.js'],
    ['src/cli/commands/to-rows.ts', '../../publications/writes.js'],
    ['workers/to-rows.ts', '../src/deliveries/writes.js'],
  ],
  'SQL is written in reads.ts, writes.ts and platform only': [
    ...order.map((name): Plant => [`src/${name}/to-sql.ts`, '../platform/db/sql.js']),
    ['src/deliveries/send/to-sql.ts', '../../platform/db/sql.js'],
    ['src/http/dashboard/to-sql.ts', '../../platform/db/sql.js'],
    ['src/cli/to-sql.ts', '../platform/db/sql.js'],
    ['workers/to-sql.ts', '../src/platform/db/sql.js'],
  ],
  'A vendor has one home': [
    ...order.flatMap((name) =>
      imports(`src/${name}/deep`, [
        'express',
        'pg',
        'bullmq',
        'ioredis',
        'nodemailer',
        'nodemailer/lib/shared',
      ]),
    ),
    ...imports('src/http/public', ['pg', 'bullmq', 'ioredis', 'nodemailer', 'liquidjs', 'i18next', 'undici']),
    ...imports('src/cli', ['express', 'pg', 'bullmq', 'nodemailer']),
    ...imports('workers', ['express', 'pg', 'bullmq', 'ioredis', 'nodemailer']),
    ...imports('src/platform', ['express', 'pg', 'bullmq', 'nodemailer']),
    ...imports('src/platform/db', ['express', 'bullmq', 'nodemailer']),
    ...imports('src/platform/jobs', ['express', 'nodemailer', 'pg']),
    ...imports('src/platform/mail/smtp', ['express', 'pg', 'bullmq']),
    ...imports('src/events/inbound', ['smtp-server', 'imapflow']),
  ],
  'No index.ts': [
    ['src/http/to-barrel.ts', './public/index.js'],
    ['src/articles/feeds/to-barrel.ts', './index.js'],
    ['workers/to-barrel.ts', '../src/articles/index.js'],
    ['src/platform/to-barrel.ts', './db/index.js'],
  ],
  'Nothing imports tests': [
    ['src/http/to-tests.ts', '../../tests/support/test-app.js'],
    ['src/articles/clean/to-tests.ts', '../../../tests/support/test-app.js'],
    ['src/platform/db/to-tests.ts', '../../../tests/support/test-app.js'],
    ['workers/to-tests.ts', '../tests/support/test-app.js'],
  ],
};

const right: Plant[] = [
  ...laterPairs(order)
    .filter(([one]) => one !== 'operators')
    .map(([one, later]): Plant => [`src/${later}/may-${one}.ts`, `../${one}/reads.js`]),
  ...order.flatMap((name): Plant[] => [
    [`src/${name}/may-platform.ts`, '../platform/context.js'],
    [`src/${name}/may-writes.ts`, '../platform/db/sql.js'],
    [`src/http/dashboard/may-${name}.ts`, `../../${name}/reads.js`],
    [`workers/may-${name}.ts`, `../src/${name}/reads.js`],
    [`src/cli/may-${name}.ts`, `../${name}/reads.js`],
    ...laterPairs(stepsOf(name)).map(([one, later]): Plant => [
      `src/${name}/${folderOf(later)}may-step-${one.replace('.', 'root')}.ts`,
      `${later === '.' ? './' : '../'}${folderOf(one)}planted-target.js`,
    ]),
  ]),
  ['src/http/public/may-express.ts', 'express'],
  ['src/platform/db/may-pg.ts', 'pg'],
  ['src/platform/jobs/may-bullmq.ts', 'bullmq'],
  ['src/platform/jobs/may-ioredis.ts', 'ioredis'],
  ['src/platform/mail/smtp/may-nodemailer.ts', 'nodemailer'],
];

type Diagnostic = { message: string; code: string; help?: string; filename: string };
type LintResult = { diagnostics: Diagnostic[]; number_of_files: number };

let copy: string;
let result: LintResult;

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'paperround-imports-'));
  for (const name of ['oxlint.config.mjs', 'import-rules.mjs', 'src', 'workers']) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const [file, from] of [...Object.values(wrong).flat(), ...right]) {
    plant(file, `import * as planted from '${from}';\n\nexport const used = planted;\n`);
  }
  plant('src/articles/clean/to-env.ts', "export const port = process.env['PORT'];\n");
  plant('src/articles/by-export.ts', "export { app } from '../http/app.js';\n");
  plant('src/articles/by-star.ts', "export * from '../http/app.js';\n");
  plant('src/articles/by-call.ts', "export const later = () => import('../http/app.js');\n");
  plant('src/articles/by-type.ts', "import type { App } from '../http/app.js';\n\nexport type One = App;\n");
  plant(
    'src/articles/cycle-one.ts',
    "import type { Two } from './cycle-two.js';\n\nexport type One = { two?: Two };\n",
  );
  plant(
    'src/articles/cycle-two.ts',
    "import type { One } from './cycle-one.js';\n\nexport type Two = { one?: One };\n",
  );
  plant('src/articles/by-default.ts', 'const one = 1;\n\nexport default one;\n');
  result = await lint();
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('every folder of the source is one that the import rules know', () => {
  const folders = foldersIn('src');
  expect(folders.filter((name) => !order.includes(name) && !otherFolders.includes(name))).toEqual([]);
  expect(order.filter((name) => !folders.includes(name))).toEqual([]);
});

test('every folder of a module is a step that the import rules know', () => {
  const found = order.map((name) => [name, foldersIn(`src/${name}`)]);
  const known = order.map((name) => [
    name,
    stepsOf(name)
      .filter((step) => step !== '.')
      .toSorted(),
  ]);
  expect(found).toEqual(known);
});

test('the check reads every file of the source', () => {
  const read = ['src', 'workers'].flatMap((folder) =>
    readdirSync(join(copy, folder), { recursive: true, encoding: 'utf8' }),
  );
  const rules = ['oxlint.config.mjs', 'import-rules.mjs'].length;
  expect(result.number_of_files).toBe(read.filter((file) => file.endsWith('.ts')).length + rules);
});

test.each(Object.entries(wrong))('caught: "%s"', (sentence, plants) => {
  expect(plants.length).toBeGreaterThan(3);
  const caught = filesWith('paperround(imports)', sentence);
  expect(plants.map(([file]) => file).filter((file) => !caught.has(file))).toEqual([]);
});

test('imports in the right direction pass', () => {
  const complained = filesWith('paperround(imports)');
  expect(right.map(([file]) => file).filter((file) => complained.has(file))).toEqual([]);
});

test('the sources without the planted files import in the right direction, however they write it', () => {
  const planted = new Set([...Object.values(wrong).flat(), ...right].map(([file]) => file));
  const caught = [...filesWith('paperround(imports)')].filter((file) => !planted.has(file));
  expect(caught.toSorted()).toEqual([
    'src/articles/by-call.ts',
    'src/articles/by-export.ts',
    'src/articles/by-star.ts',
    'src/articles/by-type.ts',
  ]);
});

test('cycles, also of types alone, default exports and the environment outside the command line are caught', () => {
  expect([...filesWith('import(no-cycle)')].toSorted()).toEqual([
    'src/articles/cycle-one.ts',
    'src/articles/cycle-two.ts',
  ]);
  expect([...filesWith('import(no-default-export)')]).toEqual(['src/articles/by-default.ts']);
  expect([...filesWith('node(no-process-env)')]).toEqual(['src/articles/clean/to-env.ts']);
});

/** Files that a rule complained of, with a sentence. */
function filesWith(rule: string, sentence = ''): Set<string> {
  const complaints = result.diagnostics.filter(
    ({ code, message, help = '' }) => code.includes(rule) && `${message} ${help}`.includes(sentence),
  );
  return new Set(complaints.map(({ filename }) => filename));
}

/** Each name with each that comes later. */
function laterPairs(names: readonly string[]): (readonly [string, string])[] {
  return names.flatMap((one, at) => names.slice(at + 1).map((later) => [one, later] as const));
}

function stepsOf(name: string): string[] {
  return (modules[name] ?? '').split(' ');
}

function folderOf(step: string): string {
  return step === '.' ? '' : `${step}/`;
}

function foldersIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}

function imports(folder: string, packages: string[]): Plant[] {
  return packages.map((name) => [`${folder}/to-${name.replaceAll('/', '-')}.ts`, name]);
}

function plant(file: string, text: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), text, { flag: 'wx' });
}

function lint(): Promise<LintResult> {
  const oxlint = join(root, 'node_modules/.bin/oxlint');
  return new Promise((resolve) => {
    // It ends with 1 because it complains.
    execFile(
      oxlint,
      ['--config', 'oxlint.config.mjs', '--format', 'json'],
      { cwd: copy, maxBuffer: 2 ** 27 },
      (_error, output) => resolve(JSON.parse(output) as LintResult),
    );
  });
}
