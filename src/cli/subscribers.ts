import type { Command } from 'commander';
import type { Context } from '../platform/context.js';
import { deleteHeld } from '../subscribers/delete-held.js';
import { heldReason, type WhichHeld } from '../subscribers/held.js';
import { listHeldSignUps, type HeldSignUp } from '../subscribers/held-reads.js';
import { releaseHeld } from '../subscribers/release-held.js';
import { choosePublication } from './choose-publication.js';
import { print, table } from './output.js';
import type { ReadConfig } from './read-config.js';
import { Refusal } from './refusal.js';
import { withContext } from './servers.js';

type Options = { json?: boolean; publication?: string; all?: true };
type Act = (context: Context, which: WhichHeld) => Promise<number>;

const MOST_LISTED = 100;

export function subscriberCommands(paperround: Command, config: ReadConfig): void {
  const subscriber = paperround.command('subscriber').description('who signs up');

  subscriber
    .command('held')
    .description('sign-ups that wait for your decision, and why')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action(async (options: Options) => {
      const held = await withContext(config(), async (context) => {
        const { id: publicationId } = await choosePublication(context, options.publication);
        return listHeldSignUps(context.db, { publicationId, before: undefined, limit: MOST_LISTED });
      });
      print(options, held, held.length === 0 ? ['No sign-up is held.'] : table(held.map(row)));
    });

  decision('release', 'let held sign-ups go on: each is answered by mail', 'Released', releaseHeld);
  decision('drop', 'forget held sign-ups: nobody is mailed', 'Deleted', deleteHeld);

  function decision(verb: string, description: string, done: string, act: Act): void {
    subscriber
      .command(verb)
      .description(description)
      .argument('[id]', 'one of them')
      .option('--all', 'all of the publication')
      .option('--publication <slug>', 'which one')
      .option('--json', 'answer as JSON')
      .action(async (id: string | undefined, options: Options) => {
        const count = await withContext(config(), async (context) =>
          act(context, await chosen(context, id, options)),
        );
        if (count === 0) throw new Refusal('None of them is held any more. Nothing was changed.');
        print(options, { count }, [`${done}: ${count}.`]);
      });
  }
}

async function chosen(context: Context, id: string | undefined, options: Options): Promise<WhichHeld> {
  if ((id === undefined) === (options.all === undefined))
    throw new Refusal('Name one sign-up by its id, or --all.', 2);
  if (id === undefined) return { publicationId: (await choosePublication(context, options.publication)).id };
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return { id };
  throw new Refusal(`That is not the id of a sign-up: ${id}`, 2);
}

function row({ id, email, createdAt, reasons }: HeldSignUp): string[] {
  return [id, createdAt.toISOString(), email, reasons.map(heldReason).join('. ')];
}
