import { addFeed, moveFeed } from '../../articles/feeds/change-feeds.js';
import { pollFeed } from '../../articles/poll/poll-feed.js';
import { listFeeds } from '../../articles/feeds/reads.js';
import { machineTimeZone } from '../../http/development/machine-time-zone.js';
import {
  readHostedFormOptions,
  type HostedFormOptions,
} from '../../http/public/sign-up/hosted-form-options.js';
import { createOperator } from '../../operators/accounts.js';
import type { Context } from '../../platform/context.js';
import { usableTimeZone } from '../../platform/text/time-zone.js';
import { createPublication, updatePublication } from '../../publications/change-publication.js';
import { findPublicationByAnySlug, listPublications } from '../../publications/reads.js';
const DEMO_SLUG = 'harbour-lantern';
/** The demo's alerts go to this address; /inbox shows them. */
const EDITOR_ADDRESS = 'editor@lantern.example';
const NO_FORM_OPTIONS: HostedFormOptions = {
  perWeek: null,
  feedUrl: null,
  topics: [],
  cadences: [],
  changed: false,
  formTime: '',
  underAttack: false,
};

/** Creates the demo's publication in an empty database, and corrects its URLs when the port has changed. */
export async function prepareDemo(context: Context): Promise<void> {
  const siteUrl = `${context.publicUrl}/demo`;
  if ((await listPublications(context.db)).length === 0) await createDemo(context, siteUrl);
  const publication = await findPublicationByAnySlug(context.db, DEMO_SLUG);
  if (publication === undefined) return;
  if (publication.siteUrl !== siteUrl) await updatePublication(context, publication.id, { siteUrl });
  const [feed] = await listFeeds(context.db, publication.id);
  const url = `${siteUrl}/feed.xml`;
  if (feed === undefined) await addFeed(context, { publicationId: publication.id, url, includeNewest: 0 });
  else if (feed.url !== url) await moveFeed(context, feed.id, url);
}

/** The publication that the form on the demo's pages signs up for: the demo's, or else the first there is. */
export async function demoPublication({ db }: Pick<Context, 'db'>): Promise<{ slug: string; name: string }> {
  const known = (await findPublicationByAnySlug(db, DEMO_SLUG)) ?? (await listPublications(db))[0];
  return known ?? { slug: DEMO_SLUG, name: 'The Harbour Lantern' };
}

/** The options of that form. */
export async function demoFormOptions(
  context: Pick<Context, 'db' | 'links' | 'now' | 'templates'>,
): Promise<HostedFormOptions> {
  const { slug } = await demoPublication(context);
  const publication = await findPublicationByAnySlug(context.db, slug);
  return publication === undefined ? NO_FORM_OPTIONS : await readHostedFormOptions(context, publication);
}

/** Polls the demo's feed at once, as after the request of a publisher's site. */
export async function pollDemo(context: Context): Promise<void> {
  const publication = await findPublicationByAnySlug(context.db, DEMO_SLUG);
  for (const feed of publication === undefined ? [] : await listFeeds(context.db, publication.id)) {
    await pollFeed(context, feed.id);
  }
}

async function createDemo(context: Context, siteUrl: string): Promise<void> {
  await createPublication(context, {
    slug: DEMO_SLUG,
    name: 'The Harbour Lantern',
    siteUrl,
    fromAddress: 'newsletter@lantern.example',
    noticeAddress: 'confirm@lantern.example',
    contact: 'hello@lantern.example',
    postalAddress: '3 Quay Street, Marrowby',
    timezone: usableTimeZone(machineTimeZone()),
    defaultCadence: 'instant',
    topics: ['Harbour', 'Town', 'Kitchen', 'Shore'],
    holdMinutes: 0,
  });
  await createOperator(context, { email: EDITOR_ADDRESS, name: null, grant: 'administrator' });
}
