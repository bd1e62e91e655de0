import type { Command } from 'commander';
import type { ReadConfig } from './read-config.js';
import type { Article } from '../articles/article.js';
import { holdArticle, releaseArticle, skipArticle, type Decided } from '../articles/decide.js';
import { pushArticle } from '../articles/push.js';
import { listArticles } from '../articles/reads.js';
import type { Context } from '../platform/context.js';
import { choosePublication } from './choose-publication.js';
import { print, table } from './output.js';
import { Refusal } from './refusal.js';
import { withContext } from './servers.js';

type Options = { json?: boolean; publication?: string };
type AddOptions = Options & {
  title: string;
  url?: string;
  summary?: string;
  content?: string;
  author?: string[];
};

export function articleCommands(paperround: Command, config: ReadConfig): void {
  const article = paperround.command('article').description('what there is to read');

  article
    .command('add')
    .description('add one article by hand; it goes out after the hold window')
    .requiredOption('--title <title>')
    .option('--url <url>', 'where it stands on the site')
    .option('--summary <text>', 'one or two sentences')
    .option('--content <html>', 'the whole text')
    .option('--author <name...>')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action(async (options: AddOptions) => {
      const { title, url, summary, content, author: authors = [] } = options;
      if (url !== undefined && !/^https?:\/\//.test(url))
        throw new Refusal(`That is not a web address: ${url}`, 2);
      const added = await withContext(config(), async (context) => {
        const publication = await choosePublication(context, options.publication);
        return pushArticle(context, publication, { title, url, summary, content, authors });
      });
      if (added.kind === 'known')
        throw new Refusal('This publication has that article already. Nothing was changed.');
      print(options, added, [`Added. It is released at ${added.releaseAt.toISOString()}.`]);
    });

  article
    .command('list')
    .description('the newest articles and their states')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action(async (options: Options) => {
      const articles = await withContext(config(), async (context) => {
        const { id } = await choosePublication(context, options.publication);
        return listArticles(context.db, id, 100);
      });
      print(
        options,
        articles,
        articles.length === 0 ? ['There is no article yet.'] : table(articles.map(row)),
      );
    });

  decision(article, config, 'release', 'let an article go now, past guards and hold window', releaseArticle);
  decision(article, config, 'hold', 'stop an article that still waits', holdArticle);
  decision(article, config, 'skip', 'mark an article as already sent', skipArticle);
}

function decision(
  article: Command,
  config: ReadConfig,
  verb: string,
  description: string,
  decide: (context: Context, articleId: string) => Promise<Decided>,
): void {
  article
    .command(verb)
    .description(description)
    .argument('<id>')
    .action(async (id: string) => {
      if (!/^[0-9a-f-]{36}$/.test(id)) throw new Refusal(`That is not the id of an article: ${id}`, 2);
      const decided = await withContext(config(), (context) => decide(context, id));
      if (decided.kind === 'too-late') {
        throw new Refusal(
          'There is no such article, or it was released or skipped before. Nothing was changed.',
        );
      }
      print({}, undefined, ['Done.']);
    });
}

function row({ id, state, seq, title, holdReason }: Article): string[] {
  return [id, state, seq === null ? '' : String(seq), title.slice(0, 60), holdReason ?? ''];
}
