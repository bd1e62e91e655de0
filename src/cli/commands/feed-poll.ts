import type { Command } from 'commander';
import { describeFeedFailure } from '../../articles/feeds/describe-feed-failure.js';
import type { Feed } from '../../articles/feeds/feed.js';
import { describeFeedHealth } from '../../articles/feeds/health.js';
import { earliestPoll, pollSoon } from '../../articles/feeds/poll-soon.js';
import { findFeed } from '../../articles/feeds/reads.js';
import { pollFeed, type PollResult } from '../../articles/poll/poll-feed.js';
import type { Context } from '../../platform/context.js';
import { countNoun } from '../../platform/text/count-noun.js';
import { chooseFeed } from '../choose-feed.js';
import { CliError } from '../cli-error.js';
import { print } from '../output.js';
import type { ReadConfig } from '../read-config.js';
import { withContext } from '../servers.js';

type Options = { publication?: string; json?: boolean };

/** `feed poll`: what the API's `POST /feeds/{id}/poll` asks for, and here it is done before the command ends. */
export function feedPollCommand(feed: Command, config: ReadConfig): void {
  feed
    .command('poll')
    .description('look at a feed at once, at most every half a minute, and say what is new')
    .argument('<id or url>', 'as feed list shows them')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action(async (idOrUrl: string, options: Options) => {
      const answer = await withContext(config(), (context) => poll(context, idOrUrl, options));
      const { health, ...rest } = answer;
      print(options, { ...rest, polled: pollToJson(answer.polled) }, [describePoll(answer.polled, health)]);
      if (answer.polled.kind === 'failed') process.exitCode = 1;
    });
}

type Polled = PollResult | { kind: 'too-soon'; nextPollAt: Date };

async function poll(context: Context, idOrUrl: string, { publication }: Options) {
  const chosen = await chooseFeed(context, idOrUrl, publication);
  const polled = await pollUnlessJustPolled(context, chosen);
  // It may have moved.
  const feed = await findFeed(context.db, chosen.id);
  if (feed === undefined || polled.kind === 'no-such-feed')
    throw new CliError('This feed is not looked at: it was removed, or its publication is archived.');
  return {
    feedId: chosen.id,
    url: feed.url,
    polled,
    health: describeFeedHealth(feed, context.now()).sentence,
  };
}

async function pollUnlessJustPolled(context: Context, feed: Feed): Promise<Polled> {
  const nextPollAt = earliestPoll(feed);
  if (nextPollAt <= context.now()) return pollFeed(context, feed.id);
  await pollSoon(context, feed);
  return { kind: 'too-soon', nextPollAt };
}

function describePoll(polled: Polled, health: string): string {
  switch (polled.kind) {
    case 'polled':
      return `${describeNew(polled)} ${countNoun(polled.found, 'article')} there now. ${health}`;
    case 'not-modified':
      return `Nothing has changed. ${health}`;
    case 'too-soon':
      return `It was looked at less than half a minute ago. The next look is due at ${polled.nextPollAt.toISOString()}.`;
    case 'failed':
    case 'no-such-feed':
      return health;
  }
}

function describeNew({ added, waiting, held }: Extract<PollResult, { kind: 'polled' }>): string {
  if (added === 0) return 'Nothing new.';
  const read = added - waiting - held;
  return [
    ...(waiting > 0 ? [`${countNoun(waiting, 'new article')} will be sent.`] : []),
    ...(held > 0 ? [`Held: ${countNoun(held, 'new article')}; "article holds" shows why.`] : []),
    ...(read > 0 ? [`Counted as read: ${countNoun(read, 'article')}.`] : []),
  ].join(' ');
}

/** Programs that read the answer get the sentence, too. */
export function pollToJson(polled: Polled) {
  return polled.kind === 'failed' ? { kind: 'failed', reason: describeFeedFailure(polled.failure) } : polled;
}
