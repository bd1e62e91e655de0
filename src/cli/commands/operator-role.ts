import type { Command } from 'commander';
import { removeFromPublication, setAdministrator, setRole } from '../../operators/change-role.js';
import type { Operator } from '../../operators/operator.js';
import { findOperator } from '../../operators/reads.js';
import type { Context } from '../../platform/context.js';
import { choosePublication } from '../choose-publication.js';
import { CliError } from '../cli-error.js';
import { print } from '../output.js';
import type { ReadConfig } from '../read-config.js';
import { withContext } from '../servers.js';
import { chooseOperator } from './choose-operator.js';
import { refuseLastRight } from './last-right.js';
import { describeRoles, grantableRoles, operatorToJson, parseGrantableRole } from './operator-roles.js';

type Options = { publication?: string; json?: boolean };

const CHOICES = [...grantableRoles, 'none'].join(', ');

/** `operator role`. */
export function addRoleCommand(operator: Command, config: ReadConfig): void {
  operator
    .command('role')
    .description('what an operator may do at a publication, or on the whole server; she signs in again')
    .argument('<email>', 'her address')
    .argument('<role>', CHOICES)
    .option('--publication <slug>', 'where; with none and no publication: no administrator any more')
    .option('--json', 'answer as JSON')
    .action(async (email: string, role: string, options: Options) => {
      await withContext(config(), async (context) => {
        const found = await chooseOperator(context, email);
        const result = await changeRole(context, found, role, options.publication);
        const left = await findOperator(context.db, found.id);
        const shown = await operatorToJson(context, left ?? found);
        const words =
          left === undefined ? 'without an account now: it could open nothing' : describeRoles(shown);
        print(options, { ...shown, changed: result }, [
          result ? `${shown.email}: ${words}.` : `${shown.email} was that already. Nothing was changed.`,
        ]);
      });
    });
}

async function changeRole(
  context: Context,
  { id: operatorId, isAdministrator }: Operator,
  role: string,
  slug: string | undefined,
): Promise<boolean> {
  if (role === 'none') {
    if (slug === undefined && isAdministrator)
      return isChanged(await setAdministrator(context, operatorId, false));
    const { id: publicationId } = await choosePublication(context, slug);
    return isChanged(await removeFromPublication(context, { operatorId, publicationId }));
  }
  const parsed = parseGrantableRole(role);
  if (parsed === 'administrator') {
    if (slug !== undefined)
      throw new CliError(
        'An administrator is one of the whole server: leave --publication out. Nothing was changed.',
        2,
      );
    return isChanged(await setAdministrator(context, operatorId, true));
  }
  const { id: publicationId } = await choosePublication(context, slug);
  return isChanged(await setRole(context, { operatorId, publicationId, role: parsed }));
}

function isChanged({ kind }: { kind: string }): boolean {
  refuseLastRight({ kind });
  return kind === 'changed' || kind === 'removed';
}
