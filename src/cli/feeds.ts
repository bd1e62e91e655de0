import { InvalidArgumentError, type Command } from 'commander';
import type { ReadConfig } from './read-config.js';
import { addFeed } from '../articles/add-feed.js';
import { feedHookUrl } from '../articles/feed-hook.js';
import { feedHealth } from '../articles/feed-health.js';
import type { Feed } from '../articles/feed.js';
import { pollFeed, type Polled } from '../articles/poll-feed.js';
import { findFeed, listFeeds } from '../articles/feed-reads.js';
import { dropFeed } from '../articles/remove-feed.js';
import { checkCommand } from './check-feed.js';
import { choosePublication } from './choose-publication.js';
import { print, table } from './output.js';
import { Refusal } from './refusal.js';
import { withContext } from './servers.js';

type Options = { json?: boolean; publication?: string };

export function feedCommands(paperround: Command, config: ReadConfig): void {
  const feed = paperround.command('feed').description('where articles come from');

  feed
    .command('add')
    .description('follow a feed; what it holds now counts as read, unless you ask for the newest few')
    .argument('<url>')
    .option('--include-newest <n>', 'send the newest N articles that are there already', wholeNumber, 0)
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action(async (url: string, options: Options & { includeNewest: number }) => {
      const { includeNewest } = options;
      const outcome = await withContext(config(), async (context) => {
        const { id: publicationId } = await choosePublication(context, options.publication);
        const added = await addFeed(context, { publicationId, url, includeNewest });
        if (added.kind === 'not-an-address') throw new Refusal(`That is not a web address: ${url}`, 2);
        if (added.kind === 'known')
          throw new Refusal('This publication follows that feed already. Nothing was changed.');
        const polled = await pollFeed(context, added.feedId);
        // A page's address leads to the feed that it names.
        const followed = await findFeed(context.db, added.feedId);
        return { feedId: added.feedId, url: followed?.url ?? url, polled };
      });
      print(options, outcome, [describe(outcome.url, outcome.polled, includeNewest)]);
    });

  checkCommand(feed, config);

  feed
    .command('list')
    .description('the feeds of a publication, and how they are')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action(async (options: Options) => {
      const feeds = await withContext(config(), async (context) => {
        const { id } = await choosePublication(context, options.publication);
        const all = await listFeeds(context.db, id);
        return all.map((one) => ({ ...one, hookUrl: feedHookUrl(context, one) }));
      });
      print(options, feeds, feeds.length === 0 ? ['There is no feed yet.'] : table(feeds.map(row)));
    });

  feed
    .command('remove')
    .description('stop following a feed; what it brought stays')
    .argument('<id or url>')
    .option('--publication <slug>', 'which one')
    .action(async (which: string, options: Options) => {
      await withContext(config(), async (context) => {
        const { id } = await choosePublication(context, options.publication);
        const found = (await listFeeds(context.db, id)).find((one) => one.id === which || one.url === which);
        if (found === undefined)
          throw new Refusal('This publication does not follow that feed. Nothing was changed.');
        await dropFeed(context, found.id);
      });
      print({}, undefined, ['No longer followed. Articles it brought keep their place.']);
    });
}

function describe(url: string, polled: Polled, includeNewest: number): string {
  switch (polled.kind) {
    case 'polled':
      return (
        `Following ${url}: ${polled.found} articles there now. ` +
        (includeNewest > 0
          ? `The newest ${Math.min(includeNewest, polled.found)} will be sent, the others count as read.`
          : 'They count as read; only newer ones will be sent.')
      );
    case 'failed':
      return `Following ${url}, but the first look failed: ${polled.reason} We look again by ourselves.`;
    case 'not-modified':
    case 'no-such-feed':
      return `Following ${url}.`;
  }
}

function row(feed: Feed): string[] {
  return [feed.id, feed.url, feedHealth(feed, new Date()).sentence];
}

function wholeNumber(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 0 to 999.');
  return Number(text);
}
