import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HARBOUR_STORIES } from './stories-harbour.js';
import { KITCHEN_STORIES } from './stories-kitchen.js';
import { SHORE_STORIES } from './stories-shore.js';
import { TOWN_STORIES } from './stories-town.js';
import type { PublishedStory, Story } from './story.js';
import { tideNote } from './tide-notes.js';
import { HOUR_MS } from '../../../platform/durations.js';
import { writeFileAtomically } from '../../../platform/process/write-file.js';

export type DemoSite = {
  /** The published stories, newest first. */
  published(): Promise<PublishedStory[]>;
  /** A published story; undefined for one that does not exist or is not published yet. */
  find(slug: string): Promise<PublishedStory | undefined>;
  /** Publishes the next story. After the last one that is written it makes tide notes, without end. */
  publishNext(): Promise<PublishedStory>;
};

type PublishedEntry = { slug: string; at: string };

/** A small newspaper. `<dataDir>/demo.json` has its only state: which stories were published when. */
export function demoSite(dataDir: string, now: () => Date = () => new Date()): DemoSite {
  const file = join(dataDir, 'demo.json');
  let last: Promise<unknown> = Promise.resolve();
  // One at a time: pressing the button twice publishes two stories, and no write of the file overtakes another.
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

/** In the order in which they are published: one of each section in turn. The first eight are published from the start. */
const ALL_STORIES: Story[] = [0, 1, 2, 3].flatMap((row) =>
  [TOWN_STORIES, KITCHEN_STORIES, SHORE_STORIES, HARBOUR_STORIES].flatMap((section) => section[row] ?? []),
);

/** When the first stories were published, in hours before the first start: over three weeks. */
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

/** @param place in the list, which is in order of publication: it gives a tide note its number */
function storyOf({ slug, at }: PublishedEntry, place: number): PublishedStory {
  const publishedAt = new Date(at);
  const story =
    ALL_STORIES.find((each) => each.slug === slug) ?? tideNote(place - ALL_STORIES.length, publishedAt);
  return { ...story, publishedAt };
}

async function save(file: string, published: PublishedEntry[]): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  writeFileAtomically(file, `${JSON.stringify({ published }, null, 2)}\n`);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
