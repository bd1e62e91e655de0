import type { Command } from 'commander';
import { removeOperator } from '../../operators/accounts.js';
import { createEntryLink, createDefaultEntryLink } from '../../operators/entry-link.js';
import { createInvitedOperator } from '../../operators/invitations/invite.js';
import { newOperatorSchema } from '../../operators/operator.js';
import { listOperators } from '../../operators/reads.js';
import type { Context } from '../../platform/context.js';
import { mistakeWords } from '../../platform/text/describe-mistakes.js';
import { CliError } from '../cli-error.js';
import { listLines, print } from '../output.js';
import type { ReadConfig } from '../read-config.js';
import { withContext } from '../servers.js';
import {
  describeRoles,
  grantableRoles,
  operatorToJson,
  parseGrantableRole,
  toGrant,
} from './operator-roles.js';
import { chooseOperator } from './choose-operator.js';
import { refuseLastRight } from './last-right.js';
import { addRoleCommand } from './operator-role.js';

type Options = { role?: string; publication?: string[]; name?: string; json?: boolean };

/** `operator create|list|link|role|remove|alert-secret`. */
export function operatorCommands(paperround: Command, config: ReadConfig): void {
  const operator = paperround.command('operator').description('people who run publications');

  operator
    .command('create')
    .description('give a person an account, and print an invitation: she chooses what she signs in with')
    .argument('<email>', 'her address')
    .option('--role <role>', grantableRoles.join(', '), 'administrator')
    .option('--publication <slug...>', 'where she is owner, editor or viewer')
    .option('--name <name>', 'her name')
    .option('--json', 'answer as JSON')
    .action((email: string, options: Options) => create(config, email, options));

  operator
    .command('list')
    .description('everybody who has an account')
    .option('--json', 'answer as JSON')
    .action((options: Options) => list(config, options));

  operator
    .command('link')
    .description('a fresh link into the dashboard: works once, within 15 minutes')
    .argument('[email]', 'whose; without it the only operator’s, or nobody’s in particular')
    .option('--json', 'answer as JSON')
    .action(async (email: string | undefined, options: Options) => {
      const url = await withContext(config(), (context) => createLink(context, email));
      print(options, { url }, [url]);
    });

  addRoleCommand(operator, config);

  operator
    .command('remove')
    .description('take an account back: she is out at once, and is mailed nothing more')
    .argument('<email>', 'her address')
    .option('--json', 'answer as JSON')
    .action((email: string, options: Options) => remove(config, email, options));

  operator
    .command('alert-secret')
    .description('by which the receiver of ALERT_URL verifies that an alert is from here')
    .option('--json', 'answer as JSON')
    .action(async (options: Options) => {
      const secret = await withContext(config(), async ({ alertSigner }) => alertSigner.secret);
      print(options, { secret }, [secret]);
    });
}

async function create(config: ReadConfig, email: string, options: Options): Promise<void> {
  const parsed = newOperatorSchema.safeParse({ email, name: options.name ?? null }, { error: mistakeWords });
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}.`);
    throw new CliError(`${mistakes.join('\n')}\nNothing was changed.`, 2);
  }
  const role = parseGrantableRole(options.role ?? 'administrator');
  await withContext(config(), async (context) => {
    const grant = await toGrant(context, role, options.publication);
    const made = await createInvitedOperator(context, { ...parsed.data, grant });
    if (made === undefined) throw new CliError('This address has an account already. Nothing was changed.');
    const shown = await operatorToJson(context, made.operator);
    print(options, { ...shown, invitation: made.url }, [
      `Made ${shown.email}, ${describeRoles(shown)}.`,
      'Her invitation, for her alone (once, within three days):',
      made.url,
    ]);
  });
}

async function list(config: ReadConfig, options: Options): Promise<void> {
  const operators = await withContext(config(), async (context) =>
    Promise.all((await listOperators(context.db)).map((one) => operatorToJson(context, one))),
  );
  const rows = operators.map((one) => [one.email, describeRoles(one), one.name ?? '']);
  print(options, operators, listLines(['Address', 'Role', 'Name'], rows, 'There is no operator yet.'));
}

async function remove(config: ReadConfig, email: string, options: Options): Promise<void> {
  const removed = await withContext(config(), async (context) => {
    const found = await chooseOperator(context, email);
    const shown = await operatorToJson(context, found);
    refuseLastRight(await removeOperator(context, found.id));
    return shown;
  });
  print(options, removed, ['Removed. Her browser and her tokens are let in no more.']);
}

async function createLink(context: Context, email: string | undefined): Promise<string> {
  if (email === undefined) return createDefaultEntryLink(context);
  return createEntryLink(context, (await chooseOperator(context, email)).id);
}
