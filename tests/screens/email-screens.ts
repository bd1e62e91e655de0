import type { Page } from 'playwright-core';
import { changeDraft } from '../../src/digests/drafts/change-draft.js';
import { approveDraft } from '../../src/digests/drafts/control-draft.js';
import type { DraftChange } from '../../src/digests/drafts/draft.js';
import { findOpenDraft } from '../../src/digests/drafts/reads.js';
import { writeDraft } from '../../src/digests/drafts/write-draft.js';
import { findPublicationBySlug } from '../../src/publications/reads.js';
import type { Fixture } from './fixture.js';
import type { Screen } from './screen.js';

const SLUG = 'harbour-lantern';
const DESK = `/operator/publications/${SLUG}/emails`;
const ROUTE = '/operator/publications/:slug/emails';

const WORDS: DraftChange = {
  note: 'Dear readers,\n\nthe **curlews** are back, and so is the [tide table](https://lantern.example/tides).',
  outro: 'Until tomorrow.',
};

const LETTER: DraftChange = {
  subject: 'The office moves to the quay',
  note: 'On Friday we carry the desks.',
};

/** What editors write: their list, what can be begun, the page of each, and sending it. */
export const emailScreens: readonly Screen[] = [
  email('operator-emails', '', async (testApp) => {
    await openDraft(testApp);
    return DESK;
  }),
  email('operator-emails-empty', '', async () => '/operator/publications/tide-table/emails'),
  email('operator-email-new', '/new', async () => `${DESK}/new`),
  email('operator-email', '/:id', async (testApp) => `${DESK}/${await openDraft(testApp)}`),
  email('operator-email-own', '/:id', async (testApp) => `${DESK}/${await letter(testApp)}`),
  email(
    'operator-email-approved',
    '/:id',
    async (testApp) => `${DESK}/${await approved(testApp)}?done=approved`,
  ),
  email('operator-email-send', '/:id/send', async (testApp) => `${DESK}/${await letter(testApp)}/send`),
  email(
    'operator-email-preview',
    '/:id/preview',
    async (testApp) => `${DESK}/${await openDraft(testApp)}/preview`,
  ),
  {
    name: 'operator-email-clash',
    needs: 'operator',
    reach: async (page, { testApp }) => {
      const id = await letter(testApp);
      await page.goto(`${testApp.url}${DESK}/${id}`);
      await changeDraft(testApp.context, id, { seen: 1, change: { note: 'On Monday we carry the desks.' } });
      await page.getByLabel('Intro').fill('On Saturday we carry the desks.');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('alert').waitFor();
    },
  },
];

type PathOf = (testApp: Fixture['testApp']) => Promise<string>;

function email(name: string, route: string, pathOf: PathOf): Screen {
  const reach = async (page: Page, { testApp }: Fixture) => page.goto(testApp.url + (await pathOf(testApp)));
  return { name, route: ROUTE + route, needs: 'operator', reach };
}

async function publicationId({ context }: Fixture['testApp']): Promise<string> {
  const publication = await findPublicationBySlug(context.db, SLUG);
  if (publication === undefined) throw new Error('There is no newsletter');
  return publication.id;
}

/** Words for the next daily digest. */
async function openDraft(testApp: Fixture['testApp']): Promise<string> {
  const target = { cadence: 'daily', period: null, closesAt: null } as const;
  return (await writeDraft(testApp.context, await publicationId(testApp), target, WORDS)).draft.id;
}

async function approved(testApp: Fixture['testApp']): Promise<string> {
  const id = await publicationId(testApp);
  const target = { cadence: 'weekly', period: null, closesAt: null } as const;
  const { context } = testApp;
  const known = await findOpenDraft(context.db, { publicationId: id, cadence: 'weekly', period: null });
  if (known !== undefined) return known.id;
  const { draft } = await writeDraft(context, id, target, WORDS);
  await approveDraft(context, draft.id, draft.version);
  return draft.id;
}

async function letter(testApp: Fixture['testApp']): Promise<string> {
  const own = { cadence: null, period: null, closesAt: null };
  return (await writeDraft(testApp.context, await publicationId(testApp), own, LETTER)).draft.id;
}
