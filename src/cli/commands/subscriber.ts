import type { Command } from 'commander';
import type { Context } from '../../platform/context.js';
import type { OperatorWords } from '../../platform/text/translations.js';
import { deleteHeldSignUps, describeHeldReason, releaseHeldSignUps } from '../../subscribers/sign-up/held.js';
import { exportCommand } from './export-readers.js';
import { choosePublication } from '../choose-publication.js';
import { listLines, print } from '../output.js';
import { parseId } from '../parse-id.js';
import type { ReadConfig } from '../read-config.js';
import { CliError } from '../cli-error.js';
import { withContext } from '../servers.js';
import { bringReadersCommand } from './import/bring-readers.js';
import { listHeldSignUps } from '../../subscribers/sign-up/reads.js';
import type { HeldSelection, HeldSignUp } from '../../subscribers/sign-up/request.js';

type Options = { json?: boolean; publication?: string; all?: true };
type HoldAction = (context: Context, which: HeldSelection) => Promise<number>;

const MAX_LISTED = 100;

export function subscriberCommands(paperround: Command, config: ReadConfig): void {
  const subscriber = paperround.command('subscriber').description('readers as files, and sign-ups that wait');

  subscriber
    .command('held')
    .description('sign-ups that wait for your decision, and why')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action(async (options: Options) => {
      const { held, rows } = await withContext(config(), async (context) => {
        const { id: publicationId } = await choosePublication(context, options.publication);
        const where = { publicationId, before: undefined, limit: MAX_LISTED };
        const held = await listHeldSignUps(context.db, where);
        return { held, rows: held.map((one) => heldSignUpRow(one, context.templates.operatorWords)) };
      });
      print(options, held, listLines(['Id', 'Since', 'Address', 'Why'], rows, 'No sign-up is held.'));
    });

  bringReadersCommand(subscriber, config);

  exportCommand(subscriber, config);
  decision('release', 'let held sign-ups go on: each is answered by mail', 'Released', releaseHeldSignUps);
  decision('drop', 'forget held sign-ups: nobody is mailed', 'Deleted', deleteHeldSignUps);

  function decision(verb: string, description: string, done: string, act: HoldAction): void {
    subscriber
      .command(verb)
      .description(description)
      .argument('[id]', 'one of them: its id as subscriber held shows it')
      .option('--all', 'all of the publication')
      .option('--publication <slug>', 'which one')
      .option('--json', 'answer as JSON')
      .action(async (id: string | undefined, options: Options) => {
        const count = await withContext(config(), async (context) =>
          act(context, await selectHeldSignUps(context, id, options)),
        );
        if (count === 0) throw new CliError('None of them is held any more. Nothing was changed.');
        print(options, { count }, [`${done}: ${count}.`]);
      });
  }
}

async function selectHeldSignUps(
  context: Context,
  id: string | undefined,
  options: Options,
): Promise<HeldSelection> {
  if ((id === undefined) === (options.all === undefined))
    throw new CliError('Name one sign-up by its id, or --all.', 2);
  if (id === undefined) return { publicationId: (await choosePublication(context, options.publication)).id };
  return { id: parseId(id, { what: 'a sign-up', list: 'subscriber held' }) };
}

function heldSignUpRow({ id, email, createdAt, reasons }: HeldSignUp, words: OperatorWords): string[] {
  const why = reasons.map((reason) => describeHeldReason(reason, words));
  return [id, createdAt.toISOString(), email, why.join('. ')];
}
