import type { Command } from 'commander';
import {
  holdArticle,
  skipArticle,
  type ArticleDecision,
  retractArticle,
} from '../../articles/release/decide-article.js';
import { describeHold } from '../../articles/release/describe-hold.js';
import { describeFeed, type ArticleHold } from '../../articles/release/hold.js';
import { listHolds } from '../../articles/release/reads.js';
import { releaseOrRestoreArticle } from '../../deliveries/control/release-article.js';
import type { Context } from '../../platform/context.js';
import { choosePublication } from '../choose-publication.js';
import { listLines, print } from '../output.js';
import { parseId, type IdKind } from '../parse-id.js';
import type { ReadConfig } from '../read-config.js';
import { wholeNumberFrom } from '../whole-number.js';
import { CliError } from '../cli-error.js';
import { withContext } from '../servers.js';
import { decideHold, type HoldChoice } from '../../articles/release/decide-hold.js';

type Options = { json?: boolean; publication?: string };
type HoldOptions = Options & { held?: string | true; newest?: number; all?: true };

/** What is done to one article, and how many of a hold's articles are released; undefined: the command takes no hold. */
type Decision = {
  decideArticle: (context: Context, id: string) => Promise<ArticleDecision>;
  choice: HoldChoice | undefined;
};

/** With its reason as a sentence. */
type DescribedHold = ArticleHold & { reason: string };

const MAX_HOLDS = 100;
const ARTICLE_ID = 'its id as article list shows it';
const AN_ARTICLE: IdKind = { what: 'an article', list: 'article list' };
const A_HOLD: IdKind = { what: 'a hold', list: 'article holds' };
const HOLD_HEADINGS = ['Id', 'Code', 'Articles', 'Why', 'Feed'];

/** `article holds|release|skip|hold|retract`. */
export function articleDecisionCommands(article: Command, config: ReadConfig): void {
  article
    .command('holds')
    .description('what waits for your decision, and why')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action(async (options: Options) => {
      const holds = await withContext(config(), (context) => listUndecidedHolds(context, options));
      print(
        options,
        holds.map(holdToJson),
        listLines(HOLD_HEADINGS, holds.map(holdRow), 'No article is held.'),
      );
    });

  decisionCommand(article, 'release', 'let go now, past guards and hold window; bring a retracted one back')
    .option(
      '--newest <number>',
      'of the held: so many of the newest, the others count as sent',
      wholeNumberFrom(1),
    )
    .option('--all', 'of the held: all of them')
    .action((id: string | undefined, options: HoldOptions) =>
      decide(config, id, options, {
        decideArticle: releaseOrRestoreArticle,
        choice: readHoldChoice(options),
      }),
    );
  decisionCommand(article, 'skip', 'mark as already sent').action(
    (id: string | undefined, options: HoldOptions) =>
      decide(config, id, options, { decideArticle: skipArticle, choice: 'none' }),
  );
  article
    .command('hold')
    .description('stop an article that still waits')
    .argument('<id>', ARTICLE_ID)
    .option('--json', 'answer as JSON')
    .action((id: string, options: HoldOptions) =>
      decide(config, id, options, { decideArticle: holdArticle, choice: undefined }),
    );
  article
    .command('retract')
    .description('take an article back: who was not planned for it yet never gets it')
    .argument('<id>', ARTICLE_ID)
    .option('--json', 'answer as JSON')
    .action((id: string, options: HoldOptions) =>
      decide(config, id, options, { decideArticle: retractArticle, choice: undefined }),
    );
}

function decisionCommand(article: Command, verb: string, description: string): Command {
  return article
    .command(verb)
    .description(description)
    .argument('[id]', `one article: ${ARTICLE_ID}`)
    .option(
      '--held [hold]',
      'all that a hold covers: its id as article holds shows it, which may be left out when there is one',
    )
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON');
}

async function decide(
  config: ReadConfig,
  id: string | undefined,
  options: HoldOptions,
  { decideArticle, choice }: Decision,
): Promise<void> {
  if ((id === undefined) === (options.held === undefined))
    throw new CliError('Name one article by its id, or --held.', 2);
  if (id === undefined) return decideHeld(config, options, choice);
  if (options.newest !== undefined || options.all === true)
    throw new CliError('--newest and --all go with --held.', 2);
  const decided = await withContext(config(), (context) => decideArticle(context, parseId(id, AN_ARTICLE)));
  if (decided.kind === 'too-late')
    throw new CliError(
      'There is no such article, or it was released or skipped before. Nothing was changed.',
    );
  print(options, decided, ['Done.']);
}

async function decideHeld(
  config: ReadConfig,
  options: HoldOptions,
  choice: HoldChoice | undefined,
): Promise<void> {
  if (choice === undefined) throw new CliError('How many? Say --newest N or --all.', 2);
  const decided = await withContext(config(), async (context) =>
    decideHold(context, await chooseHold(context, options), choice),
  );
  if (decided.kind !== 'decided')
    throw new CliError('There is no such hold, or it was decided before. Nothing was changed.');
  const { released, skipped, failed } = decided;
  print(options, decided, [
    `Released ${released}. Counted as already sent: ${skipped}.`,
    ...(failed === undefined ? [] : [`Could not be changed, and still held: ${failed}.`]),
  ]);
}

async function chooseHold(context: Context, options: HoldOptions): Promise<string> {
  if (typeof options.held === 'string') return parseId(options.held, A_HOLD);
  const [only, ...others] = await listUndecidedHolds(context, options);
  if (only === undefined) throw new CliError('No article is held. Nothing was changed.');
  if (others.length === 0) return only.id;
  throw new CliError(
    [
      'There are several holds. Name one after --held:',
      ...listLines(HOLD_HEADINGS, [only, ...others].map(holdRow), ''),
    ].join('\n'),
    2,
  );
}

async function listUndecidedHolds(context: Context, { publication }: Options): Promise<DescribedHold[]> {
  const { id: publicationId } = await choosePublication(context, publication);
  const holds = await listHolds(context.db, { publicationId, before: undefined, limit: MAX_HOLDS });
  return holds.map((hold) => ({ ...hold, reason: describeHold(hold, context.templates.operatorWords) }));
}

function readHoldChoice({ newest, all }: HoldOptions): HoldChoice | undefined {
  if (all === true && newest !== undefined) throw new CliError('Say --newest N or --all, not both.', 2);
  return all === true ? 'all' : newest;
}

function holdToJson(hold: DescribedHold) {
  const { id, publicationId, feedId, code, reason, heldAt, count, titles, feedTitle, feedUrl } = hold;
  return { id, publicationId, feedId, code, reason, heldAt, count, titles, feedTitle, feedUrl };
}

function holdRow(hold: DescribedHold): string[] {
  return [hold.id, hold.code, String(hold.count), hold.reason, describeFeed(hold) ?? 'Pushed'];
}
