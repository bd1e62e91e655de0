import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/** A module imports only those before it. */
const order =
  'operators transports publications subscribers articles digests deliveries events dashboard'.split(' ');
const others = ['http', 'cli', 'platform', 'embed'];
const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const modules = order.filter((name) => folders.includes(name));

/** A file and what it imports. */
type Plant = readonly [file: string, from: string];

const direction = 'A module imports platform and the modules to its left';
const platformAlone = 'Platform imports no one';
const entryPoints = 'The doors do not know each other';
const privateWrites = 'writes.ts is private to its module';
const sqlHomes = 'SQL is written in reads.ts, writes.ts and platform only';
const vendors = 'A vendor has one home';

const forbidden: Record<string, Plant[]> = {
  [direction]: [
    ...modulePairs().map(([left, right]): Plant => [`src/${left}/to-${right}.ts`, `../${right}/reads.js`]),
    // The files that may write SQL have rules of their own.
    ...modulePairs().map(([left, right]): Plant => [
      `src/${left}/${right}-writes.ts`,
      `../${right}/reads.js`,
    ]),
    ...modules.flatMap((name): Plant[] => [
      [`src/${name}/to-http.ts`, '../http/app.js'],
      [`src/${name}/to-cli.ts`, '../cli/output.js'],
      [`src/${name}/to-main.ts`, '../main.js'],
      [`src/${name}/to-workers.ts`, '../../workers/handlers.js'],
    ]),
  ],
  [platformAlone]: modules.flatMap((name): Plant[] => [
    [`src/platform/to-${name}.ts`, `../${name}/reads.js`],
    [`src/platform/db/to-${name}.ts`, `../../${name}/reads.js`],
    [`src/platform/jobs/to-${name}.ts`, `../../${name}/reads.js`],
    [`src/platform/mail/to-${name}.ts`, `../../${name}/reads.js`],
    [`src/platform/embedded/to-${name}.ts`, `../../${name}/reads.js`],
  ]),
  [entryPoints]: [
    ['src/http/to-workers.ts', '../../workers/handlers.js'],
    ['src/http/public/to-cli.ts', '../../cli/output.js'],
    ['workers/to-http.ts', '../src/http/app.js'],
    ['workers/to-cli.ts', '../src/cli/output.js'],
  ],
  [privateWrites]: [
    ['src/http/public/to-rows.ts', '../../subscribers/writes.js'],
    ['src/http/to-rows.ts', '../deliveries/notice-writes.js'],
    ['src/deliveries/to-rows.ts', '../digests/writes.js'],
    ['src/dashboard/to-rows.ts', '../articles/feed-writes.js'],
    ['src/cli/to-rows.ts', '../publications/writes.js'],
    ['workers/to-rows.ts', '../src/deliveries/writes.js'],
  ],
  [sqlHomes]: [
    ...modules.map((name): Plant => [`src/${name}/to-sql.ts`, '../platform/db/sql.js']),
    ['src/http/operator/to-sql.ts', '../../platform/db/sql.js'],
    ['src/cli/to-sql.ts', '../platform/db/sql.js'],
    ['workers/to-sql.ts', '../src/platform/db/sql.js'],
  ],
  [vendors]: [
    ...modules.flatMap((name) =>
      vendorPlants(`src/${name}`, ['express', 'pg', 'bullmq', 'ioredis', 'nodemailer']),
    ),
    ...vendorPlants('src/http/public', ['pg', 'bullmq', 'ioredis', 'nodemailer']),
    ...vendorPlants('src/cli', ['express', 'pg', 'bullmq', 'nodemailer']),
    ...vendorPlants('workers', ['express', 'pg', 'bullmq', 'ioredis', 'nodemailer']),
    ...vendorPlants('src/platform', ['express', 'pg', 'bullmq', 'nodemailer']),
    ...vendorPlants('src/platform/db', ['express', 'bullmq', 'nodemailer']),
    ...vendorPlants('src/platform/jobs', ['express', 'nodemailer']),
    ...vendorPlants('src/platform/mail', ['express', 'pg', 'bullmq']),
  ],
};

const allowed: Plant[] = [
  ...modulePairs()
    .filter(([left]) => left !== 'operators')
    .map(([left, rightOne]): Plant => [`src/${rightOne}/may-${left}.ts`, `../${left}/reads.js`]),
  ...modules.flatMap((name): Plant[] => [
    [`src/${name}/may-platform.ts`, '../platform/context.js'],
    [`src/${name}/may-writes.ts`, '../platform/db/sql.js'],
    [`src/http/operator/may-${name}.ts`, `../../${name}/reads.js`],
    [`workers/may-${name}.ts`, `../src/${name}/reads.js`],
    [`src/cli/may-${name}.ts`, `../${name}/reads.js`],
  ]),
  ['src/http/public/may-express.ts', 'express'],
  ['src/platform/db/may-pg.ts', 'pg'],
  ['src/platform/jobs/may-bullmq.ts', 'bullmq'],
  ['src/platform/jobs/may-ioredis.ts', 'ioredis'],
  ['src/platform/mail/may-nodemailer.ts', 'nodemailer'],
];

type Complaint = { message: string; code: string; help?: string; filename: string };
type LintReport = { diagnostics: Complaint[]; number_of_files: number };

let copy: string;
let lintReport: LintReport;

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'paperround-imports-'));
  for (const name of ['.oxlintrc.json', 'src', 'workers']) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const [file, from] of [...Object.values(forbidden).flat(), ...allowed]) {
    plant(file, `import * as planted from '${from}';\n\nexport const used = planted;\n`);
  }
  plant('src/articles/to-env.ts', "export const port = process.env['PORT'];\n");
  plant('src/articles/by-export.ts', "export { app } from '../../http/app.js';\n");
  plant(
    'src/articles/by-type.ts',
    "import type { App } from '../../http/app.js';\n\nexport type One = App;\n",
  );
  plant(
    'src/articles/cycle-one.ts',
    "import { two } from '../cycle-two.js';\n\nexport const one = () => two;\n",
  );
  plant(
    'src/articles/cycle-two.ts',
    "import { one } from '../cycle-one.js';\n\nexport const two = () => one;\n",
  );
  plant('src/articles/by-default.ts', 'const one = 1;\n\nexport default one;\n');
  lintReport = await lint();
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('every folder of the source is one the rules of imports know', () => {
  expect(folders.filter((name) => !order.includes(name) && !others.includes(name))).toEqual([]);
  expect(modules.length).toBeGreaterThan(5);
});

test('the check reads every file of the modules', () => {
  const read = ['src', 'workers'].flatMap((folder) =>
    readdirSync(join(copy, folder), { recursive: true, encoding: 'utf8' }),
  );
  expect(lintReport.number_of_files).toBe(read.filter((file) => file.endsWith('.ts')).length);
});

test.each(Object.entries(forbidden))('caught: "%s"', (sentence, plants) => {
  expect(plants.length).toBeGreaterThan(3);
  const caught = complaintsWith('no-restricted-imports', sentence);
  expect(plants.map(([file]) => file).filter((file) => !caught.has(file))).toEqual([]);
});

test('imports in the right direction pass', () => {
  const complained = new Set(lintReport.diagnostics.map(({ filename }) => filename));
  expect(allowed.map(([file]) => file).filter((file) => complained.has(file))).toEqual([]);
});

test('what is there beside the plants imports in the right direction', () => {
  const planted = new Set([...Object.values(forbidden).flat(), ...allowed].map(([file]) => file));
  const caught = [...complaintsWith('no-restricted-imports')].filter((file) => !planted.has(file));
  expect(caught.toSorted()).toEqual(['src/articles/by-export.ts', 'src/articles/by-type.ts']);
});

test('cycles, default exports and the environment outside the command line are caught', () => {
  expect([...complaintsWith('import(no-cycle)')].toSorted()).toEqual([
    'src/articles/cycle-one.ts',
    'src/articles/cycle-two.ts',
  ]);
  expect([...complaintsWith('import(no-default-export)')]).toEqual(['src/articles/by-default.ts']);
  expect([...complaintsWith('node(no-process-env)')]).toEqual(['src/articles/to-env.ts']);
});

/** Files complained of by a rule, with a sentence. */
function complaintsWith(rule: string, sentence = ''): Set<string> {
  const complaints = lintReport.diagnostics.filter(
    ({ code, message, help = '' }) => code.includes(rule) && `${message} ${help}`.includes(sentence),
  );
  return new Set(complaints.map(({ filename }) => filename));
}

/** Each module with each that is to its right. */
function modulePairs(): (readonly [string, string])[] {
  return modules.flatMap((left, at) => modules.slice(at + 1).map((rightOne) => [left, rightOne] as const));
}

function vendorPlants(folder: string, packages: string[]): Plant[] {
  return packages.map((name) => [`${folder}/to-${name}.ts`, name]);
}

function plant(file: string, text: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), text, { flag: 'wx' });
}

function lint(): Promise<LintReport> {
  const oxlint = join(root, 'node_modules/.bin/oxlint');
  return new Promise((resolve) => {
    // It ends with 1 because it complains.
    execFile(oxlint, ['--format', 'json'], { cwd: copy, maxBuffer: 2 ** 26 }, (_error, output) =>
      resolve(JSON.parse(output) as LintReport),
    );
  });
}
