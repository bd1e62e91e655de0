import type { Command } from 'commander';
import type { ReadConfig } from '../read-config.js';
import { addFeed, removeFeed } from '../../articles/feeds/change-feeds.js';
import { feedHookUrl } from '../../articles/feeds/hook.js';
import { describeFeedFailure } from '../../articles/feeds/describe-feed-failure.js';
import { describeFeedHealth } from '../../articles/feeds/health.js';
import type { Feed } from '../../articles/feeds/feed.js';
import { pollFeed, type PollResult } from '../../articles/poll/poll-feed.js';
import { findFeed, listFeeds } from '../../articles/feeds/reads.js';
import type { Config } from '../../platform/config.js';
import type { Context } from '../../platform/context.js';
import { feedCheckCommand } from './feed-check.js';
import { feedPollCommand, pollToJson } from './feed-poll.js';
import { chooseFeed } from '../choose-feed.js';
import { choosePublication } from '../choose-publication.js';
import { listLines, print } from '../output.js';
import { wholeNumberFrom } from '../whole-number.js';
import { CliError } from '../cli-error.js';
import { withContext } from '../servers.js';
import { countNoun } from '../../platform/text/count-noun.js';

type Options = { json?: boolean; publication?: string };
type AddOptions = Options & { includeNewest: number };

export function feedCommands(paperround: Command, config: ReadConfig): void {
  const feed = paperround.command('feed').description('where articles come from');
  feed
    .command('add')
    .description('follow a feed; what it holds now counts as read, unless you ask for the newest few')
    .argument('<url>', 'the address of the feed, or of a page that names it')
    .option(
      '--include-newest <n>',
      'send the newest N articles that are there already',
      wholeNumberFrom(0),
      0,
    )
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action((url: string, options: AddOptions) => add(config(), url, options));
  feedCheckCommand(feed, config);
  feedPollCommand(feed, config);
  feed
    .command('list')
    .description('the feeds of a publication, and how they are')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action((options: Options) => list(config(), options));
  feed
    .command('remove')
    .description('stop following a feed; what it brought stays')
    .argument('<id or url>', 'as feed list shows them')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action((idOrUrl: string, options: Options) => remove(config(), idOrUrl, options));
}

async function add(config: Config, url: string, options: AddOptions): Promise<void> {
  const added = await withContext(config, (context) => addAndPoll(context, url, options));
  const { health, ...answer } = added;
  print(options, { ...answer, polled: pollToJson(added.polled) }, [
    describeAdded(added.url, added.polled, health ?? ''),
  ]);
}

async function addAndPoll(context: Context, url: string, { publication, includeNewest }: AddOptions) {
  const { id: publicationId } = await choosePublication(context, publication);
  const added = await addFeed(context, { publicationId, url, includeNewest, callerPolls: true });
  if (added.kind === 'not-an-address') throw new CliError(`That is not a web address: ${url}`, 2);
  if (added.kind === 'known')
    throw new CliError('This publication follows that feed already. Nothing was changed.');
  const polled = await pollFeed(context, added.feedId);
  // The address may have been a page's: the feed that the page names is followed, under an address of its own.
  const followed = await findFeed(context.db, added.feedId);
  const health = followed && describeFeedHealth(followed, context.now()).sentence;
  return { feedId: added.feedId, url: followed?.url ?? url, polled, health };
}

async function list(config: Config, options: Options): Promise<void> {
  const feeds = await withContext(config, async (context) => {
    const { id } = await choosePublication(context, options.publication);
    const all = await listFeeds(context.db, id);
    return all.map((one) => ({ ...one, hookUrl: feedHookUrl(context, one) }));
  });
  print(
    options,
    feeds.map(feedToJson),
    listLines(['Id', 'Address', 'State'], feeds.map(feedRow), 'There is no feed yet.'),
  );
}

async function remove(config: Config, idOrUrl: string, options: Options): Promise<void> {
  const { id, url } = await withContext(config, async (context) => {
    const found = await chooseFeed(context, idOrUrl, options.publication);
    await removeFeed(context, found.id);
    return found;
  });
  print(options, { id, url, removed: true }, ['No longer followed. Articles it brought keep their place.']);
}

function feedToJson(feed: Feed & { hookUrl: string }) {
  return { ...feed, failure: feed.failure && describeFeedFailure(feed.failure) };
}

function describeAdded(url: string, polled: PollResult, health: string): string {
  switch (polled.kind) {
    case 'polled':
      return `Following ${url}: ${countNoun(polled.found, 'article')} there now. ${describeNewArticles(polled)}`;
    case 'failed':
      return `Added ${url}, but the first look failed. ${health}`;
    case 'not-modified':
    case 'no-such-feed':
      return `Following ${url}.`;
  }
}

function describeNewArticles({ waiting, held }: { waiting: number; held: number }): string {
  if (waiting + held === 0) return 'What is there counts as read; only newer ones will be sent.';
  const holds = 'dated more than a week ahead; "article holds" shows what to do';
  return [
    `${countNoun(waiting, 'article')} will be sent, everything else there counts as read.`,
    ...(held === 0 ? [] : [`Held: ${countNoun(held, 'article')}, ${holds}.`]),
  ].join('\n');
}

function feedRow(feed: Feed): string[] {
  return [feed.id, feed.url, describeFeedHealth(feed, new Date()).sentence];
}
