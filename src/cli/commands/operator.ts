import type { Command } from 'commander';
import { createOperator, toEmailKey, removeOperator } from '../../operators/accounts.js';
import { createEntryLink, createDefaultEntryLink } from '../../operators/entry-link.js';
import { newOperatorSchema, roles, type Operator } from '../../operators/operator.js';
import { listOperators } from '../../operators/reads.js';
import type { Context } from '../../platform/context.js';
import { mistakeWords } from '../../platform/text/describe-mistakes.js';
import { listLines, print } from '../output.js';
import type { ReadConfig } from '../read-config.js';
import { CliError } from '../cli-error.js';
import { withContext } from '../servers.js';

type Options = { role?: string; name?: string; json?: boolean };

/** `operator create|list|link|remove|alert-secret`. */
export function operatorCommands(paperround: Command, config: ReadConfig): void {
  const operator = paperround.command('operator').description('people who run publications');

  operator
    .command('create')
    .description('give a person an account; owners and editors are mailed what waits for them')
    .argument('<email>', 'her address')
    .option('--role <role>', roles.join(', '), 'owner')
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
  const parsed = newOperatorSchema.safeParse(
    { email, role: options.role, name: options.name ?? null },
    { error: mistakeWords },
  );
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}.`);
    throw new CliError(`${mistakes.join('\n')}\nNothing was changed.`, 2);
  }
  const made = await withContext(config(), (context) => createOperator(context, parsed.data));
  if (made === undefined) throw new CliError('This address has an account already. Nothing was changed.');
  print(options, operatorToJson(made), [
    `Made ${made.email}, ${made.role}.`,
    `For a link into the dashboard: npx paperround operator link ${made.email}`,
  ]);
}

async function list(config: ReadConfig, options: Options): Promise<void> {
  const operators = await withContext(config(), ({ db }) => listOperators(db));
  const rows = operators.map(({ email, role, name }) => [email, role, name ?? '']);
  print(
    options,
    operators.map(operatorToJson),
    listLines(['Address', 'Role', 'Name'], rows, 'There is no operator yet.'),
  );
}

async function remove(config: ReadConfig, email: string, options: Options): Promise<void> {
  const removed = await withContext(config(), async (context) => {
    const found = await chooseOperator(context, email);
    await removeOperator(context, found.id);
    return found;
  });
  print(options, operatorToJson(removed), ['Removed. Her browser is let in no more.']);
}

async function createLink(context: Context, email: string | undefined): Promise<string> {
  if (email === undefined) return createDefaultEntryLink(context);
  return createEntryLink(context, (await chooseOperator(context, email)).id);
}

async function chooseOperator({ db }: Pick<Context, 'db'>, email: string): Promise<Operator> {
  const key = toEmailKey(email);
  const found = (await listOperators(db)).find(({ emailKey }) => emailKey === key);
  if (found === undefined) throw new CliError('No operator has this address. Nothing was changed.');
  return found;
}

function operatorToJson({ id, email, name, role, createdAt }: Operator) {
  return { id, email, name, role, createdAt };
}
