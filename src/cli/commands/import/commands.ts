import type { Command } from 'commander';
import { describeMistake } from '../../../http/dashboard/import/words.js';
import type { Context } from '../../../platform/context.js';
import { csvLine } from '../../../platform/text/csv.js';
import { findPublication } from '../../../publications/reads.js';
import type { Import } from '../../../subscribers/import/import.js';
import { findImport, listImports } from '../../../subscribers/import/reads.js';
import { listMistakes } from '../../../subscribers/import/file-reads.js';
import { FIRST_DAY_STARTS, startMailing, stopMailing } from '../../../subscribers/import/start-mailing.js';
import { undoImport } from '../../../subscribers/import/undo-import.js';
import { workOnImport } from '../../../subscribers/import/work-on-import.js';
import { choosePublication } from '../../choose-publication.js';
import { CliError } from '../../cli-error.js';
import { MOMENT_FORMAT, parseMoment, resolveMoment, type TypedMoment } from '../../moment.js';
import { listLines, print } from '../../output.js';
import { parseId } from '../../parse-id.js';
import type { ReadConfig } from '../../read-config.js';
import { withContext } from '../../servers.js';
import { wholeNumberFrom } from '../../whole-number.js';
import { describeImport } from './describe-import.js';

type Options = { publication?: string; limit: number; at?: TypedMoment; allAtOnce?: true; json?: boolean };

const MISTAKES_AT_A_TIME = 1000;

/** `import list|show|start|stop|undo|mistakes`. */
export function importCommands(paperround: Command, config: ReadConfig): void {
  const imports = paperround.command('import').description('readers who were brought with subscriber import');

  imports
    .command('list')
    .description('the newest first')
    .option('--publication <slug>', 'which one')
    .option('--limit <n>', 'how many', wholeNumberFrom(1), 100)
    .option('--json', 'answer as JSON')
    .action(async (options: Options) => {
      const found = await withContext(config(), async (context) => {
        const { id } = await choosePublication(context, options.publication);
        return listImports(context.db, [id], { before: undefined, limit: options.limit });
      });
      const rows = found.map((one) => [one.id, one.createdAt.toISOString(), one.productName, one.state]);
      print(options, found, listLines(['Id', 'Begun', 'From', 'State'], rows, 'Nobody was brought.'));
    });

  one('show', 'what became of how many', async () => undefined);
  one('stop', 'start no more of its readers; who was started goes on', async (context, { id }) =>
    (await stopMailing(context, id)).kind === 'stopped' ? undefined : 'Nothing was being started.',
  );
  one('undo', 'take back whom it added, within 30 days; who changed something since stays', undo);
  one('start', 'mail its readers what is new from now on', start)
    .option('--at <time>', `when, ${MOMENT_FORMAT}`, parseMoment)
    .option('--all-at-once', `not ${FIRST_DAY_STARTS} on the first day and each day twice as many`);

  imports
    .command('mistakes')
    .description('the lines that could not be read, as CSV, to be mended and imported again')
    .argument('<id>', 'as import list shows it')
    .option('--json', 'answer as JSON, an object a line')
    .action((id: string, options: Options) =>
      withContext(config(), async ({ db }) => {
        const importId = parseId(id, { what: 'an import', list: 'import list' });
        for (let after: { file: number; line: number } | undefined; ;) {
          const mistakes = await listMistakes(db, importId, { after, limit: MISTAKES_AT_A_TIME });
          for (const one of mistakes) {
            const cells = [one.line, describeMistake(one.mistake), ...one.cells];
            process.stdout.write(options.json === true ? `${JSON.stringify(one)}\n` : csvLine(cells));
          }
          after = mistakes.at(-1);
          if (mistakes.length < MISTAKES_AT_A_TIME) return;
        }
      }),
    );

  /** @param act answers why nothing was done */
  function one(
    verb: string,
    description: string,
    act: (context: Context, found: Import, options: Options) => Promise<string | undefined>,
  ): Command {
    return imports
      .command(verb)
      .description(description)
      .argument('<id>', 'as import list shows it')
      .option('--json', 'answer as JSON')
      .action(async (id: string, options: Options) => {
        const { found, lines } = await withContext(config(), async (context) => {
          const before = await find(context, id);
          const why = await act(context, before, options);
          if (why !== undefined) throw new CliError(`${why} Nothing was changed.`);
          const after = await find(context, before.id);
          return { found: after, lines: await describeImport(context, after) };
        });
        print(options, found, lines);
      });
  }
}

async function find({ db }: Context, id: string): Promise<Import> {
  const found = await findImport(db, parseId(id, { what: 'an import', list: 'import list' }));
  if (found === undefined) throw new CliError('There is no import with this id: import list shows them.');
  return found;
}

async function undo(context: Context, { id }: Import): Promise<string | undefined> {
  const { kind } = await undoImport(context, id);
  if (kind === 'too-late') return 'An import can be taken back for 30 days.';
  if (kind === 'busy') return 'Another import of this newsletter is at work.';
  if (kind === 'not-undoable') return 'It was not added, or was taken back already.';
  await workOnImport(context, id);
  return undefined;
}

async function start(
  context: Context,
  { id, publicationId }: Import,
  options: Options,
): Promise<string | undefined> {
  const { at, allAtOnce } = options;
  const publication = await findPublication(context.db, publicationId);
  if (publication === undefined) return 'Its newsletter is gone.';
  const startAt = at === undefined ? context.now() : resolveMoment(at, publication).at;
  const startsPerDay = allAtOnce === true ? null : FIRST_DAY_STARTS;
  const { kind } = await startMailing(context, id, { startAt, startsPerDay });
  return kind === 'started' ? undefined : 'It was started already, or is not added.';
}
