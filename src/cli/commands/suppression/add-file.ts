import { createReadStream } from 'node:fs';
import { addFile, readFile, startFile } from '../../../subscribers/suppression/add-file.js';
import { findFile, listMistakes } from '../../../subscribers/suppression/file-reads.js';
import {
  MAX_NAMED_MISTAKES,
  type SuppressionFile,
} from '../../../subscribers/suppression/suppression-file.js';
import type { Context } from '../../../platform/context.js';
import { CliError } from '../../cli-error.js';
import { confirmOrAbort } from '../../confirm-prompt.js';
import { print } from '../../output.js';
import type { ReadConfig } from '../../read-config.js';
import { withContext } from '../../servers.js';
import { chooseScope, type ChangeOptions } from './scope.js';

/** Reads a file, says how many it would add, asks, and adds them. */
export async function addFromFile(
  config: ReadConfig,
  path: string,
  { note, ...options }: ChangeOptions,
): Promise<void> {
  await withContext(config(), async (context) => {
    const publicationId = await chooseScope(context, options);
    const { id } = await readOrExplain(context, { publicationId, note }, path);
    const read = await requireFile(context, id);
    const mistakes = await listMistakes(context.db, id, MAX_NAMED_MISTAKES);
    const fresh = read.found - read.present;
    if (fresh > 0) {
      if (options.yes !== true) await confirmOrAbort(describeRead(read), 'Nothing was changed.');
      await startFile(context, id);
      await addFile(context, id);
    }
    const { added, present, lines, unreadable } = await requireFile(context, id);
    print(options, { lines, added, present, unreadable, mistakes }, [
      `Suppressed: ${added}. Here already: ${present}. Lines without an address: ${unreadable}.`,
      ...mistakes.slice(0, 20).map(({ line, mistake }) => `Line ${line}: ${mistake}`),
    ]);
  });
}

function describeRead({ found, present, domains, unreadable }: SuppressionFile): string {
  const ofDomains = domains === 0 ? '' : ` (of them ${domains} whole domains)`;
  return `${found - present} new ones${ofDomains}, ${present} here already, ${unreadable} lines without an address. Suppress them?`;
}

async function readOrExplain(
  context: Context,
  change: { publicationId: string | null; note: string },
  path: string,
): Promise<{ id: string }> {
  try {
    return await readFile(context, change, path === '-' ? process.stdin : createReadStream(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
      throw new CliError(`"${path}" cannot be read (${code}). Nothing was changed.`);
    throw error;
  }
}

async function requireFile({ db }: Pick<Context, 'db'>, id: string): Promise<SuppressionFile> {
  const file = await findFile(db, id);
  if (file === undefined) throw new Error('The file that was read is not there any more');
  return file;
}
