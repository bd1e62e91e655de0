import { Option, type Command } from 'commander';
import type { ReadConfig } from '../read-config.js';
import { articleStates, type Article } from '../../articles/article.js';
import { describeArticleHold, describeHoldReason } from '../../articles/release/describe-hold.js';
import { pushArticle, type PushResult } from '../../articles/ingest/push-article.js';
import { listArticlesPage } from '../../articles/reads.js';
import { articleDecisionCommands } from './article-decisions.js';
import type { OperatorWords } from '../../platform/text/translations.js';
import { isSafeLine } from '../../platform/text/safe-text.js';
import { choosePublication } from '../choose-publication.js';
import { listLines, print } from '../output.js';
import { CliError } from '../cli-error.js';
import { withContext } from '../servers.js';

type Options = { json?: boolean; publication?: string };
type ListOptions = Options & { state?: Article['state'] };
type AddOptions = Options & {
  title: string;
  url?: string;
  summary?: string;
  content?: string;
  author?: string[];
  release?: boolean;
};

const MAX_LISTED = 100;

export function articleCommands(paperround: Command, config: ReadConfig): void {
  const article = paperround.command('article').description('what there is to read');

  article
    .command('add')
    .description('add one article by hand; it goes out after the hold window')
    .requiredOption('--title <title>', 'as readers see it')
    .option('--url <url>', 'where it stands on the site')
    .option('--summary <text>', 'one or two sentences')
    .option('--content <html>', 'the whole text')
    .option('--author <name...>', 'who wrote it')
    .option('--release', 'release it at once, past hold rules and hold window')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action((options: AddOptions) => add(config, options));
  article
    .command('list')
    .description('the newest articles and their states')
    .addOption(new Option('--state <state>', 'only those').choices(articleStates))
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action((options: ListOptions) => list(config, options));
  articleDecisionCommands(article, config);
}

async function add(config: ReadConfig, options: AddOptions): Promise<void> {
  const { title, url, summary, content, author: authors = [], release } = options;
  if (url !== undefined && !isWebAddress(url)) throw new CliError(`That is not a web address: ${url}`, 2);
  if (title.trim() === '') throw new CliError('An article needs a title. Nothing was added.', 2);
  if (!isSafeLine(title)) throw new CliError('The title has control characters. Nothing was added.', 2);
  const added = await withContext(config(), async (context) => {
    const publication = await choosePublication(context, options.publication);
    const pushed = await pushArticle(context, publication, {
      title,
      url,
      summary,
      content,
      authors,
      release,
    });
    if (pushed.kind === 'known')
      throw new CliError('This publication has that article already. Nothing was changed.');
    return { pushed, line: describeAdded(pushed, context.templates.operatorWords) };
  });
  print(options, added.pushed, [added.line]);
}

async function list(config: ReadConfig, options: ListOptions): Promise<void> {
  const articles = await withContext(config(), async (context) => {
    const { id: publicationId } = await choosePublication(context, options.publication);
    const where = { publicationId, state: options.state, before: undefined, limit: MAX_LISTED };
    const listed = await listArticlesPage(context.db, where);
    return listed.map((article) => articleToJson(article, context.templates.operatorWords));
  });
  print(
    options,
    articles,
    listLines(
      ['Id', 'State', 'Number', 'Title', 'Why it is held'],
      articles.map(articleRow),
      emptyListMessage(options),
    ),
  );
}

function isWebAddress(url: string): boolean {
  return /^https?:\/\//.test(url) && URL.canParse(url);
}

function describeAdded(
  { id, releaseAt, held, isReleased, isNeverEmailed }: Extract<PushResult, { kind: 'added' }>,
  words: OperatorWords,
): string {
  if (isReleased) return 'Added and released.';
  if (isNeverEmailed) return 'Added. It is in a category that is never emailed, and counts as sent.';
  if (held === undefined) return `Added. It is released at ${releaseAt.toISOString()}.`;
  const why = describeHoldReason({ code: held, newItems: 1, totalItems: 1 }, words);
  return `Added, and held. ${why} To let it go: npx paperround article release ${id}`;
}

function emptyListMessage({ state }: ListOptions): string {
  return state === undefined ? 'There is no article yet.' : `No article is ${state}.`;
}

function articleToJson(article: Article, words: OperatorWords) {
  return { ...article, holdReason: describeArticleHold(article, words) };
}

function articleRow({ id, state, seq, title, holdReason }: ReturnType<typeof articleToJson>): string[] {
  return [id, state, seq === null ? '' : String(seq), title.slice(0, 60), holdReason ?? ''];
}
