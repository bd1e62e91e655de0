import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HARBOUR_STORIES } from './stories-harbour.js';
import { KITCHEN_STORIES } from './stories-kitchen.js';
import { SHORE_STORIES } from './stories-shore.js';
import { TOWN_STORIES } from './stories-town.js';
import type { PublishedStory, Story } from './story.js';
import { tideNote } from './tide-notes.js';
import { HOUR_MS } from '../../../platform/durations.js';

export type DemoSite = {
  /** What is out, newest first. */
  published(): Promise<PublishedStory[]>;
  /** One story that is out; undefined for one that does not exist or still waits. */
  find(slug: string): Promise<PublishedStory | undefined>;
  /** Brings out the next story. When the drawer is empty a tide note is written, so there is always a next one. */
  publishNext(): Promise<PublishedStory>;
};

type PublishedEntry = { slug: string; at: string };

/** A small newspaper whose only state is which stories are out since when: `<dataDir>/demo.json`. */
export function demoSite(dataDir: string, now: () => Date = () => new Date()): DemoSite {
  const file = join(dataDir, 'demo.json');
  let last: Promise<unknown> = Promise.resolve();
  // One at a time: two presses of the button are two articles, and the file is never half written.
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const turn = last.then(task, task);
    last = turn.catch(() => undefined);
    return turn;
  };
  const published = () => inTurn(async () => (await load(file, now())).map(storyOf).reverse());
  return {
    published,
    find: async (slug) => (await published()).find((story) => story.slug === slug),
    publishNext: () => inTurn(() => publishNext(file, now())),
  };
}

/** Two of each section to start with, oldest first; the others wait for the button. */
const ALL_STORIES: Story[] = [0, 1, 2, 3].flatMap((row) =>
  [TOWN_STORIES, KITCHEN_STORIES, SHORE_STORIES, HARBOUR_STORIES].flatMap((section) => section[row] ?? []),
);

/** How long before the first start the first stories came out, in hours: three weeks of a small paper. */
const FIRST_STORIES_HOURS_AGO = [510, 438, 365, 290, 219, 150, 77, 5];

async function publishNext(file: string, now: Date): Promise<PublishedStory> {
  const issues = await load(file, now);
  const story = ALL_STORIES[issues.length] ?? tideNote(issues.length - ALL_STORIES.length, now);
  const issue = { slug: story.slug, at: now.toISOString() };
  await save(file, [...issues, issue]);
  return { ...story, publishedAt: now };
}

async function load(file: string, now: Date): Promise<PublishedEntry[]> {
  const text = await readFile(file, 'utf8').catch(ignoreMissing);
  if (text !== undefined) return (JSON.parse(text) as { published: PublishedEntry[] }).published;
  const first = FIRST_STORIES_HOURS_AGO.flatMap((hours, at) => backdatedEntry(ALL_STORIES[at], hours, now));
  await save(file, first);
  return first;
}

function backdatedEntry(story: Story | undefined, hoursAgo: number, now: Date): PublishedEntry[] {
  return story ? [{ slug: story.slug, at: new Date(now.getTime() - hoursAgo * HOUR_MS).toISOString() }] : [];
}

/** Issues are kept in order, so the place in the list says how many tide notes came before. */
function storyOf({ slug, at }: PublishedEntry, place: number): PublishedStory {
  const publishedAt = new Date(at);
  const story =
    ALL_STORIES.find((each) => each.slug === slug) ?? tideNote(place - ALL_STORIES.length, publishedAt);
  return { ...story, publishedAt };
}

/** Written beside and moved into place: a reader sees the old file or the new one. */
async function save(file: string, published: PublishedEntry[]): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify({ published }, null, 2)}\n`);
  await rename(`${file}.new`, file);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
