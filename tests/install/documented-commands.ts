import { readFileSync } from 'node:fs';

/**
 * The commands below a heading of a page, word for word: of all its blocks of shell, each line, with the lines that it goes on
 * for: those of a here-document, and after a backslash.
 */
export function readCommands(page: string, heading: string): string[] {
  const text = readFileSync(page, 'utf8');
  const start = text.indexOf(`\n## ${heading}\n`);
  if (start === -1) throw new Error(`${page} has no heading "${heading}".`);
  const end = text.indexOf('\n## ', start + 1);
  const section = text.slice(start, end === -1 ? undefined : end);
  return [...section.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) => splitCommands(block));
}

function splitCommands(block: string): string[] {
  const commands: string[] = [];
  let open: string[] = [];
  let terminator: string | undefined;
  for (const line of block.trimEnd().split('\n')) {
    if (open.length === 0 && /^\s*(#|$)/.test(line)) continue;
    open.push(line);
    if (terminator === undefined) terminator = /<<-?'?(\w+)'?/.exec(line)?.[1];
    else if (line === terminator) terminator = undefined;
    if (terminator !== undefined || line.endsWith('\\')) continue;
    commands.push(open.join('\n'));
    open = [];
  }
  if (open.length > 0) throw new Error(`A command does not end: ${open.join('\n')}`);
  return commands;
}
