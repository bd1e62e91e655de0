import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Command } from 'commander';
import {
  createCommandTree,
  findCommand,
  listCommandsOfMessages,
  readCommandLine,
} from '../support/documented-commands.js';
import type { FinishedProcess } from '../support/paperround-process.js';
import { createLantern, openTerminal, type Terminal } from './open-terminal.js';

jest.setTimeout(120_000);

let terminal: Terminal;
let paperround: Command;

beforeAll(async () => {
  terminal = await openTerminal();
  await createLantern(terminal.db, { slug: 'harbour' });
  paperround = await createCommandTree();
});

afterAll(() => terminal.close());

const root = join(import.meta.dirname, '../..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
].filter((file) => file.endsWith('.md'));
const texts = pages.map((file) => readFileSync(join(root, file), 'utf8'));
const ID = '00000000-0000-7000-8000-000000000000';

/** What stands for a place in a command: by its name, or by the option before it. */
const samples: Record<string, string> = {
  ID,
  SLUG: 'harbour',
  URL: 'http://127.0.0.1:1/feed.xml',
  EMAIL: 'ada@example.com',
  ADDRESS: 'ada@example.com',
  READER: 'ada@example.com',
  'HOST:PORT': '127.0.0.1:1',
  DOMAIN: 'example.com',
  TIME: '2099-01-01T07:00',
  FILE: '/nowhere/file',
  NAME: 'name',
  N: '3',
  HOLD: ID,
  R: 'viewer',
  STATE: 'accepted',
  '--publication': 'harbour',
  '--domain': 'example.com',
  '--state': 'accepted',
};

/** Each place filled with a sample. Undefined for one whose verb is a place: the mails that are kept have it in full. */
function fill(words: readonly string[]): string[] | undefined {
  if (/^(\$\{|\{\{)/.test(words[1] ?? '')) return undefined;
  return words.map((word, at) => {
    const isPlace = /^(\$\{.*\}|\{\{.*\}\})$/.test(word);
    if (isPlace) return samples[words[at - 1] ?? ''] ?? ID;
    if (word.startsWith('--')) return word;
    return samples[word] ?? word.replace(/^https?:\/\/[^/]*/, 'http://127.0.0.1:1');
  });
}

/** As it would be run, but for what never ends or asks a name server elsewhere. */
function run(words: readonly string[]): Promise<FinishedProcess> {
  const [noun = ''] = words;
  if (['start', 'web', 'worker'].includes(noun)) return terminal.run(...words, '--help');
  return terminal.run(...words, ...(noun === 'dkim' ? ['--dns', '127.0.0.1:9'] : []));
}

/** Runs each once, and answers those that were used wrongly, or ended with an error that is no sentence. */
async function findFaults(commands: readonly (readonly string[])[]): Promise<string[]> {
  const lines = new Map(commands.map((words) => [words.join(' '), words]));
  const faults: string[] = [];
  const waiting = [...lines];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [line, words] = next;
      const { code, stderr } = await run(words);
      // Whoever is asked has used it rightly.
      const isMisused = code === 2 && !stderr.includes('There is no terminal to ask at');
      if (isMisused || code === null || / at .*:\d+:\d+/.test(stderr))
        faults.push(`${line}: ${code} ${stderr}`);
    }
  };
  await Promise.all([work(), work()]);
  return faults;
}

test('every command that messages, pages and mails of the program name can be run as it stands there', async () => {
  const commands = listCommandsOfMessages().flatMap((words) => {
    const filled = fill(words);
    return filled === undefined ? [] : [filled];
  });
  expect(commands.length).toBeGreaterThan(50);
  expect(await findFaults(commands)).toEqual([]);
});

test('every command of a block that readers of the documentation copy can be run as it stands there', async () => {
  const blocks = texts.flatMap((text) =>
    [...text.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, body = '']) => body),
  );
  const commands = blocks
    .flatMap((body) => body.split('\n'))
    .flatMap((line) => [readCommandLine(line) ?? []]);
  const found = commands.filter((words) => words.length > 0).map((words) => fill(words) ?? words);
  expect(found.length).toBeGreaterThan(8);
  expect(await findFaults(found)).toEqual([]);
});

test('every command that the text of the documentation names can be run, with what it takes', async () => {
  const spans = texts.flatMap((text) => [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span));
  const commands = spans.flatMap((span) => {
    const words = readCommandLine(span);
    return words === undefined ? [] : [complete(fill(words) ?? words)];
  });
  expect(commands.length).toBeGreaterThan(40);
  expect(await findFaults(commands)).toEqual([]);
});

/** With whatever else it needs where the text only names it, or goes on with dots or brackets. */
function complete(words: readonly string[]): string[] {
  const given = words.filter((word) => !/^…$|^\[|\]$/.test(word));
  const command = findCommand(paperround, given);
  const depth = command?.parent === paperround ? 1 : 2;
  // A text that only names a command leaves out what it takes.
  if (command === undefined || command.commands.length > 0 || given.length === depth)
    return [...given, '--help'];
  const values = given
    .slice(depth)
    .filter((word, at, all) => !word.startsWith('--') && !all[at - 1]?.startsWith('--'));
  const missing = command.registeredArguments
    .filter(({ required }, at) => required && at >= values.length)
    .map((argument) => (argument.variadic ? 'hour=8' : ID));
  const options = command.options
    .filter(({ mandatory, long }) => mandatory && !given.includes(long ?? ''))
    .flatMap(({ long = '' }) => [long, samples[long] ?? (long === '--scope' ? 'read' : 'A reason')]);
  return [...given, ...missing, ...options];
}
