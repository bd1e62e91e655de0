import type { Context } from '../../../platform/context.js';
import { choosePublication } from '../../choose-publication.js';
import { CliError } from '../../cli-error.js';

export type ChangeOptions = {
  publication?: string;
  everywhere?: true;
  note: string;
  domain?: string;
  file?: string;
  id?: string;
  yes?: true;
  json?: boolean;
};

/** Null: all publications. */
export async function chooseScope(
  context: Pick<Context, 'db'>,
  { publication, everywhere }: Pick<ChangeOptions, 'publication' | 'everywhere'>,
): Promise<string | null> {
  if (everywhere && publication !== undefined)
    throw new CliError('Name one publication, or --everywhere. Nothing was changed.', 2);
  return everywhere ? null : (await choosePublication(context, publication)).id;
}
