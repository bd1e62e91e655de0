import { toEmailKey } from '../../operators/accounts.js';
import type { Operator } from '../../operators/operator.js';
import { findOperatorByEmailKey } from '../../operators/reads.js';
import type { Context } from '../../platform/context.js';
import { CliError } from '../cli-error.js';

/** The operator whom a command names by her address. */
export async function chooseOperator({ db }: Pick<Context, 'db'>, email: string): Promise<Operator> {
  const found = await findOperatorByEmailKey(db, toEmailKey(email));
  if (found === undefined) throw new CliError('No operator has this address. Nothing was changed.');
  return found;
}
