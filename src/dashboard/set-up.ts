import type { Feed } from '../articles/feeds/feed.js';
import { listFeeds } from '../articles/feeds/reads.js';
import { listArticles, listLatestReleased } from '../articles/reads.js';
import type { Context } from '../platform/context.js';
import type { Check } from '../publications/check.js';
import { isCheckOfNow } from '../publications/check-sender.js';
import { findCheck } from '../publications/reads.js';
import type { Publication } from '../publications/publication.js';
import { countReadersUpTo, type CadenceCount } from './reads.js';

/** In their order. */
export const setUpSteps = ['feed', 'sender', 'form', 'test', 'live'] as const;
export type SetUpStep = (typeof setUpSteps)[number];

/** How far a publication is, and what proves it. */
export type SetUp = {
  /** Steps that are done. */
  done: ReadonlySet<SetUpStep>;
  /** The first that is not; undefined: all are. */
  next: SetUpStep | undefined;
  feeds: Feed[];
  /** Titles of the newest articles, whatever became of them. */
  newest: string[];
  /** What came out before it was live, the newest first, and a few at most. */
  released: string[];
  /** Undefined: nobody has looked, or the sender was changed since. */
  dns: Check<'dns'> | undefined;
  form: Check<'form'> | undefined;
  /** Confirmed readers by rhythm, and whether counting stopped. */
  readers: { counts: CadenceCount[]; more: boolean };
};

const MAX_TITLES = 5;
/** Counting more would read every subscription of a large import. */
const MAX_COUNTED_READERS = 10_000;

export async function readSetUp(
  context: Pick<Context, 'config' | 'db' | 'now'>,
  publication: Publication,
): Promise<SetUp> {
  const { db } = context;
  const { id } = publication;
  const feeds = await listFeeds(db, id);
  const newest = (await listArticles(db, id, MAX_TITLES)).map(({ title }) => title);
  const released = (await listLatestReleased(db, id, MAX_TITLES)).map(({ title }) => title);
  const looked = await findCheck(db, id, 'dns');
  const dns = looked !== undefined && (await isCheckOfNow(context, publication, looked)) ? looked : undefined;
  const form = await findCheck(db, id, 'form');
  const test = await findCheck(db, id, 'test');
  const counts = await countReadersUpTo(db, id, MAX_COUNTED_READERS);
  const done = new Set<SetUpStep>();
  if (feeds.some(isWorking) || (feeds.length === 0 && newest.length > 0)) done.add('feed');
  if (publication.postalAddress !== null && isDnsWell(context, dns)) done.add('sender');
  if (form?.result.kind === 'found') done.add('form');
  if (test?.result.fromAddress === publication.fromAddress) done.add('test');
  if (publication.liveAt !== null) done.add('live');
  const sum = counts.reduce((all, { count }) => all + count, 0);
  return {
    done,
    next: setUpSteps.find((step) => !done.has(step)),
    feeds,
    newest,
    released,
    dns,
    form,
    readers: { counts, more: sum >= MAX_COUNTED_READERS },
  };
}

function isWorking({ lastPolledAt, failingSince, goneAt }: Feed): boolean {
  return lastPolledAt !== null && failingSince === null && goneAt === null;
}

/** Without a mail server mail does not leave the computer, and no receiver asks the DNS. */
function isDnsWell({ config }: Pick<Context, 'config'>, dns: Check<'dns'> | undefined): boolean {
  if (config.smtpUrl === undefined) return true;
  return dns?.result.domains.every(({ checks }) => checks.every(({ status }) => status !== 'bad')) ?? false;
}
