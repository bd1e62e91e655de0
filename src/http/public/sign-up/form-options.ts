import { LOOKBACK_MS, expectedMailsPerWeek } from '../../../articles/expected-frequency.js';
import { listFeeds } from '../../../articles/feeds/reads.js';
import type { Context } from '../../../platform/context.js';
import { cadences, type Publication } from '../../../publications/publication.js';
import { listReleaseTimes } from '../../../articles/reads.js';

/** What every form says and asks beside the address. */
export type FormOptions = {
  /** Null when it is not known. */
  perWeek: number | null;
  feedUrl: string | null;
  topics: { name: string; ticked: boolean }[];
  cadences: { value: string; label: string; chosen: boolean }[];
  /** She has chosen something else than what is usual. */
  changed: boolean;
};

/** What she chose in a form that comes back to her. */
export type ChosenOptions = { cadence?: string | undefined; topics: string[] };

/** Nothing in it is invented: what we do not know is left out. */
export async function readFormOptions(
  { db, now, templates }: Pick<Context, 'db' | 'now' | 'templates'>,
  publication: Publication,
  { cadence = publication.defaultCadence, topics }: ChosenOptions = { topics: [] },
): Promise<FormOptions> {
  const since = new Date(now().getTime() - LOOKBACK_MS);
  const releases = await listReleaseTimes(db, publication.id, since);
  const feed = (await listFeeds(db, publication.id)).find(({ goneAt }) => goneAt === null);
  const label = (value: string) => templates.t(publication.locale, `form.cadence.${value}`);
  return {
    perWeek: expectedMailsPerWeek(releases, publication, now()) ?? null,
    feedUrl: feed?.url ?? null,
    topics: publication.topics.map((name) => ({ name, ticked: topics.includes(name) })),
    cadences: cadences.map((value) => ({ value, label: label(value), chosen: value === cadence })),
    changed: cadence !== publication.defaultCadence || topics.length > 0,
  };
}
