import type { Command } from 'commander';
import { findWarnings, reportFeed } from '../../articles/parse/feed-report.js';
import { createFetcher } from '../../platform/fetch/fetch-page.js';
import { userAgent } from '../../platform/fetch/user-agent.js';
import { readFeeds, type CheckedFeed } from './feed-sources.js';
import { listLines } from '../output.js';
import type { ReadConfig } from '../read-config.js';
import { CliError } from '../cli-error.js';
import { redactCredentials } from '../../platform/text/redact.js';

type Options = { baseUrl?: string; json?: boolean };

/** `feed check`: what following a feed would bring. It needs no database and starts no server. */
export function feedCheckCommand(feed: Command, config: ReadConfig): void {
  feed
    .command('check')
    .description('show what would be taken from feeds, and what is odd about them; nothing is stored')
    .argument('<source...>', 'addresses, files, or folders of files')
    .option('--base-url <url>', 'where the files come from, for their relative links')
    .option('--json', 'one line of JSON for each feed')
    .action((sources: string[], options: Options) => checkFeeds(sources, options, config));
}

async function checkFeeds(
  sources: readonly string[],
  { baseUrl, json = false }: Options,
  config: ReadConfig,
): Promise<void> {
  if (baseUrl !== undefined && !/^https?:\/\//.test(baseUrl))
    throw new CliError(`That is not a web address: ${baseUrl}`, 2);
  // Inside the function, because files are read without any settings.
  const fetchPage = (url: string) =>
    createFetcher({ allow: config().fetchAllow, userAgent: userAgent() })(url);
  const rows: string[][] = [];
  let failed = 0;
  for (const source of sources) {
    for await (const found of readFeeds(source, { fetchPage, baseUrl })) {
      const checked = { ...found, source: redactCredentials(found.source) };
      if (checked.result.kind === 'unreadable') failed += 1;
      if (json) process.stdout.write(`${JSON.stringify(reportFeed(checked.source, checked.result))}\n`);
      else rows.push(feedRow(checked));
    }
  }
  if (!json) process.stdout.write(summary(rows, failed));
  process.exitCode = failed === 0 ? 0 : 1;
}

function summary(rows: string[][], failed: number): string {
  const head = ['Feed', 'Title', 'Articles', 'Newest', 'Language', 'Odd'];
  const lines = listLines(head, rows, 'There is no feed here.');
  const last = failed === 0 ? [] : ['', `${failed} of ${rows.length} cannot be read.`];
  return [...lines, ...last, ''].join('\n');
}

function feedRow({ source, result }: CheckedFeed): string[] {
  const odd = findWarnings(result).join('; ');
  if (result.kind === 'unreadable') return [source, '', '', '', '', odd];
  const { title = '', language = '', items } = result.feed;
  const newest = items.reduce((latest, item) => Math.max(latest, item.publishedAt?.getTime() ?? 0), 0);
  const day = newest === 0 ? '' : new Date(newest).toISOString().slice(0, 10);
  return [source, title.slice(0, 40), String(items.length), day, language, odd];
}
