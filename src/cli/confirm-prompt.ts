import { createInterface } from 'node:readline/promises';
import { CliError } from './cli-error.js';

/** Asks a person at a terminal, and ends the command unless the answer is yes. Without a terminal it does not ask. */
export async function confirmOrAbort(question: string, otherwise: string): Promise<void> {
  if (!process.stdin.isTTY) return;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError(otherwise);
}
