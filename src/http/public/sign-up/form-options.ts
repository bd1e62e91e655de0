import { LOOKBACK_MS, expectedMailsPerWeek } from '../../../articles/expected-frequency.js';
import { listFeeds } from '../../../articles/feeds/reads.js';
import type { Context } from '../../../platform/context.js';
import { cadences, type Publication } from '../../../publications/publication.js';
import { listReleaseTimes } from '../../../articles/reads.js';

/** What every sign-up form has beside the address. */
export type FormOptions = {
  /** Mails a week to expect; null when there is too little to tell. */
  perWeek: number | null;
  feedUrl: string | null;
  topics: { name: string; ticked: boolean }[];
  cadences: { value: string; label: string; chosen: boolean }[];
  /** She chose other options than the publication's defaults. */
  changed: boolean;
};

/** What she chose in a form that is shown to her again. */
export type ChosenOptions = { cadence?: string | undefined; topics: string[] };

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
