import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { loadCommands } from '../../src/cli/command-registry.js';
import { serverCommands } from '../../src/cli/start/server-commands.js';

/** All commands, to be looked at; none can be run. */
export async function createCommandTree(): Promise<Command> {
  const paperround = new Command('paperround');
  const neverRead = () => {
    throw new Error('Nothing is run here.');
  };
  serverCommands(paperround, neverRead);
  for (const add of await loadCommands()) add(paperround, neverRead);
  return paperround;
}

/** The command that these words begin with, down to its verb; undefined where there is none. */
export function findCommand(paperround: Command, words: readonly string[]): Command | undefined {
  let command = paperround;
  for (const word of words) {
    if (command.commands.length === 0) break;
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) return undefined;
    command = next;
  }
  return command;
}

/** What is wrong with `digest resolve ID --as accepted`; undefined: nothing. */
export function commandMistake(paperround: Command, words: readonly string[]): string | undefined {
  const command = findCommand(paperround, words);
  if (command === undefined) return words[0]?.startsWith('--') ? undefined : words.join(' ');
  const options = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]);
  const known = ['--help', ...command.options.map(({ long }) => long)];
  const foreign = options.filter((option) => !known.includes(option));
  return foreign.length === 0 ? undefined : `${words.join(' ')}: no ${foreign.join(' ')}`;
}

/** The words of a command line up to where a shell or a comment would end it, without quotes. */
function splitCommandLine(line: string): string[] {
  const [command = ''] = line.split(/ #|[|;&>]/);
  return [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replaceAll(/["']/g, ''));
}

/** The command of a line of a shell or of a span of code; undefined for anything else. */
export function readCommandLine(line: string): string[] | undefined {
  const [, command] = /^(?:.*&& |.*\$ )?(?:npx )?paperround (?!-)(.+)$/.exec(line.trim()) ?? [];
  return command === undefined ? undefined : splitCommandLine(command);
}

const WORD = String.raw`(?:\$\{[^}]*\}|\{\{[^}]*\}\}|[\w./:=@-]|"[^"]*")+`;
/** Behind which words a message goes on: `…, and activate them with: paperround dkim create`. */
/** Not the role of the private Postgres. */
const IN_A_MESSAGE = new RegExp(
  String.raw`(?<!role )\bpaperround ((?:[a-z][a-z-]*|--[a-z][a-z-]*)(?: ${WORD})*)`,
  'g',
);

/** The commands that messages of the program name: in its sources, its pages and words, and the mails that tests keep. */
export function listCommandsOfMessages(): string[][] {
  const files = [
    ...filesIn('src', /\.ts$/),
    ...filesIn('templates', /\.(liquid|json)$/),
    ...filesIn('tests/golden', /^alert-.*\.txt$/),
  ];
  // A place is one word.
  const read = (file: string) => readFileSync(file, 'utf8').replaceAll(/\{\{ *([\w.]+) *\}\}/g, '{{$1}}');
  const found = files.flatMap((file) => [...read(file).matchAll(IN_A_MESSAGE)]);
  return found.map(([, command = '']) => splitCommandLine(command.replace(/[.,:]$/, '')));
}

function filesIn(folder: string, name: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => name.test(file.split('/').at(-1) ?? ''))
    .map((file) => join(folder, file));
}
