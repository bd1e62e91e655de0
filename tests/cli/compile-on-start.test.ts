import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { createTempDirectory } from '../support/embedded/server-processes.js';

const root = join(import.meta.dirname, '../..');
const isRoot = process.getuid?.() === 0;
const asOrdinary = isRoot ? { uid: 65534, gid: 65534 } : {};
const folders: string[] = [];
jest.setTimeout(60_000);

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test('the first run compiles, says so in one line, and runs with its arguments', () => {
  const checkout = makeCheckout();
  const { status, stdout, stderr } = paperround(checkout, ['digest', 'list']);
  expect([status, stdout, stderr]).toEqual([0, 'one digest,list\n', 'Compiling Paperround\n']);
  expect(readdirSync(checkout).filter((name) => name.startsWith('.dist'))).toEqual([]);
});

test('an unchanged checkout is not compiled again', () => {
  const checkout = makeCheckout();
  paperround(checkout, []);
  expect(paperround(checkout, ['x'])).toMatchObject({ status: 0, stdout: 'one x\n', stderr: '' });
});

test('a change is compiled, and what was deleted is deleted from dist', () => {
  const checkout = makeCheckout();
  paperround(checkout, []);
  writeFileSync(join(checkout, 'src/word.ts'), `export const word: string = 'two';\n`);
  writeFileSync(join(checkout, 'src/cli.ts'), CLI);
  rmSync(join(checkout, 'workers/extra.ts'));
  expect(extraFiles(checkout)).not.toEqual([]);
  expect(paperround(checkout, [])).toMatchObject({ stdout: 'two \n', stderr: 'Compiling Paperround\n' });
  expect(extraFiles(checkout)).toEqual([]);
});

test('a mistake is shown as the compiler reports it, the exit code is 1, and the last good dist stays', () => {
  const checkout = makeCheckout();
  paperround(checkout, []);
  writeFileSync(join(checkout, 'src/word.ts'), `export const word: string = 2;\n`);
  const { status, stdout, stderr } = paperround(checkout, []);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/src\/word\.ts.*TS2322/);
  expect(existsSync(join(checkout, 'dist/src/cli.js'))).toBe(true);
  expect(readdirSync(checkout).filter((name) => name.startsWith('.dist'))).toEqual([]);
});

test('of several starts at the same moment one compiles, and all run the whole program', async () => {
  const checkout = makeCheckout();
  const runs = [1, 2, 3, 4].map(async (number) => {
    const child = spawn(process.execPath, [join(checkout, 'bin/paperround.js'), String(number)]);
    let [output, said] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { ran: [code, output], said };
  });
  const ended = await Promise.all(runs);
  expect(ended.map(({ ran }) => ran)).toEqual([1, 2, 3, 4].map((number) => [0, `one ${number}\n`]));
  expect(ended.map(({ said }) => said).join('')).toBe('Compiling Paperround\n');
});

test('a changed checkout that cannot be written runs what was compiled before, and says so', () => {
  const checkout = makeCheckout();
  paperround(checkout, []);
  writeFileSync(join(checkout, 'src/word.ts'), `export const word: string = 'two';\n`);
  chmodSync(checkout, 0o555);
  const { status, stdout, stderr } = paperround(checkout, [], asOrdinary);
  chmodSync(checkout, 0o755);
  expect([status, stdout]).toEqual([0, 'one \n']);
  expect(stderr).toMatch(/has changed and cannot be compiled here: .*\nThis is what was compiled before/);
});

test('without sources dist is run as it is, and without a compiler the command says that it needs one', () => {
  const checkout = makeCheckout();
  paperround(checkout, []);
  rmSync(join(checkout, 'src'), { recursive: true });
  expect(paperround(checkout, [])).toMatchObject({ status: 0, stdout: 'one \n', stderr: '' });
  const bare = makeCheckout();
  rmSync(join(bare, 'node_modules'));
  expect(paperround(bare, [])).toMatchObject({ status: 1, stderr: expect.stringContaining('npm install') });
});

test('where npm left out the compiler or its types, one sentence says what to do, and no older build is run instead', () => {
  const checkout = makeCheckout();
  paperround(checkout, []);
  writeFileSync(join(checkout, 'src/word.ts'), `export const word: string = 'two';\n`);
  rmSync(join(checkout, 'node_modules'));
  // As after `NODE_ENV=production npm install`: a dependency of ours asks for the compiler, and nobody for the types.
  mkdirSync(join(checkout, 'node_modules'));
  symlinkSync(join(root, 'node_modules/typescript'), join(checkout, 'node_modules/typescript'));
  const { status, stdout, stderr } = paperround(checkout, []);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^Paperround .*: run npm install --include=dev, or install a packed release .*\n$/);
  expect(stderr.match(/\n/g)).toHaveLength(1);
});

const CLI = `import { word } from './word.js';\nconsole.log(word, process.argv.slice(2).join());\n`;

/** What of dist/ is made of the worker, which is loaded only when it is needed. */
function extraFiles(checkout: string): string[] {
  return readdirSync(join(checkout, 'dist/src')).filter((name) => name.startsWith('extra-'));
}

/** As small as a checkout can be: a command line that imports one word, and a worker when it is asked for one. */
function makeCheckout(): string {
  const checkout = createTempDirectory();
  folders.push(checkout);
  chmodSync(checkout, 0o755);
  for (const folder of ['bin', 'src', 'workers']) mkdirSync(join(checkout, folder));
  for (const file of ['bin/paperround.js', 'bin/compile.js', 'tsconfig.json', 'tsconfig.build.json']) {
    cpSync(join(root, file), join(checkout, file));
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const sources = {
    'package.json': '{ "type": "module", "devDependencies": { "@types/node": "*", "typescript": "*" } }',
    'src/word.ts': `export const word: string = 'one';\n`,
    'src/cli.ts': `${CLI}if (process.argv[2] === 'extra') await import('../workers/extra.js');\n`,
    'workers/extra.ts': 'export const extra = 1;\n',
  };
  for (const [file, text] of Object.entries(sources)) writeFileSync(join(checkout, file), text);
  return checkout;
}

function paperround(
  checkout: string,
  words: string[],
  user: { uid?: number; gid?: number } = {},
): { status: number | null; stdout: string; stderr: string } {
  const args = [join(checkout, 'bin/paperround.js'), ...words];
  return spawnSync(process.execPath, args, { ...user, cwd: '/', encoding: 'utf8' });
}
