import { createInterface } from 'node:readline/promises';
import { CliError } from './cli-error.js';

/** The person at the terminal: where the question is written, and where the answer is read. */
export type Terminal = {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean | undefined };
  stderr: NodeJS.WritableStream;
};

/**
 * Asks a person at a terminal, and ends the command unless the answer is yes. Where there is no terminal nobody can be
 * asked, and the command ends too: a program that means it says `--yes`.
 * @param what what will be done, in sentences
 * @param otherwise what is true when it is not done: `Nothing was sent.`
 * @throws CliError after any other answer, and without a terminal
 */
export async function confirmOrAbort(
  what: string,
  otherwise: string,
  { stdin, stderr }: Terminal = process,
): Promise<void> {
  if (stdin.isTTY !== true)
    throw new CliError(`${what}\n${otherwise} There is no terminal to ask at: add --yes to do it.`, 2);
  const terminal = createInterface({ input: stdin, output: stderr });
  const answer = await Promise.race([
    terminal.question(`${what} [y/N] `),
    // Ctrl-D, or a terminal that is gone.
    new Promise<string>((resolve) => terminal.once('close', () => resolve(''))),
  ]);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError(otherwise);
}
