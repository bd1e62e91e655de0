import { createEntryLink } from '../../src/operators/entry-link.js';
import { createOperator } from '../../src/operators/accounts.js';
import { findPublicationBySlug } from '../../src/publications/reads.js';
import type { Page } from 'playwright-core';
import type { Fixture } from './fixture.js';
import {
  prepareReaderChange,
  startReaderChange,
  stopReaderChange,
} from '../../src/subscribers/together/change-readers.js';
import type { Screen } from './screen.js';
import { withoutRefresh } from './without-refresh.js';
import { readerPath, suppressionFilePath, suppressionPath, whyPath } from './states/listed-readers.js';

const DESK = '/operator/publications/harbour-lantern/readers';
const EMPTY_DESK = '/operator/publications/tide-table/readers';
const ROUTE = '/operator/publications/:slug/readers';

/** Readers: their lists, and the page of one. */
export const readerScreens: readonly Screen[] = [
  readers('operator-readers', '', DESK),
  readers('operator-readers-filtered', '', `${DESK}?q=example&state=reading&from=2026-02-31`),
  readers('operator-readers-empty', '', EMPTY_DESK),
  { name: 'operator-readers-viewer', route: ROUTE, needs: 'reader', reach: lookAsViewer },
  readers('operator-readers-waiting', '/waiting', `${DESK}/waiting`),
  reader('operator-reader', (testApp) => readerPath(testApp, 'confirmed')),
  reader('operator-reader-why', (testApp) => whyPath(testApp, 'rejected')),
  reader('operator-reader-left', (testApp) => readerPath(testApp, 'unsubscribed')),
  reader('operator-reader-waiting', (testApp) => readerPath(testApp, 'pending')),
  reader('operator-reader-erased', (testApp) => readerPath(testApp, 'erased')),
  readers('operator-reader-new', '/new', `${DESK}/new?done=asked`),
  {
    ...readers('operator-reader-new-mistake', '/new', `${DESK}/new`),
    reach: async (page, { testApp }) => {
      await page.goto(`${testApp.url}${DESK}/new`);
      await page.getByLabel('Her address').fill('zoe at example.org');
      await page.getByRole('button', { name: 'Ask her to confirm' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  together('operator-readers-counting', 'readers.example', async () => {}),
  together('operator-readers-ask', 'readers.example', ({ testApp }, changeId) =>
    testApp.handlers['change-readers']({ changeId }),
  ),
  together('operator-readers-running', 'readers.example', async ({ testApp }, changeId) => {
    await testApp.handlers['change-readers']({ changeId });
    await startReaderChange(testApp.context, changeId);
  }),
  together('operator-readers-stopped', 'readers.example', async ({ testApp }, changeId) => {
    await testApp.handlers['change-readers']({ changeId });
    await startReaderChange(testApp.context, changeId);
    await stopReaderChange(testApp.context, changeId);
  }),
  together('operator-readers-done', 'uma@readers', async ({ testApp }, changeId) => {
    await testApp.handlers['change-readers']({ changeId });
    await startReaderChange(testApp.context, changeId);
    await testApp.handlers['change-readers']({ changeId });
  }),
  readers('operator-export', '/export', `${DESK}/export`),
  readers('operator-export-filtered', '/export', `${DESK}/export?state=reading&q=example`),
  {
    ...readers('operator-export-mistake', '/export', `${DESK}/export`),
    reach: async (page, { testApp }) => {
      await page.goto(`${testApp.url}${DESK}/export`);
      await page.getByLabel('Everything, to move or to keep (JSON Lines)').check();
      await page.getByLabel('Pass phrase for Do not mail').fill('short');
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  readers('operator-do-not-mail', '/do-not-mail', `${DESK}/do-not-mail`),
  readers('operator-do-not-mail-filtered', '/do-not-mail', `${DESK}/do-not-mail?reason=operator`),
  {
    ...readers('operator-do-not-mail-mistake', '/do-not-mail', `${DESK}/do-not-mail`),
    reach: async (page, { testApp }) => {
      await page.goto(`${testApp.url}${DESK}/do-not-mail`);
      await page.getByText('Add an address or a domain').click();
      await page.getByLabel('Address, or a domain behind an @').fill('trap.example');
      await page.getByRole('button', { name: 'Do not mail' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    ...readers('operator-do-not-mail-domain', '/do-not-mail', `${DESK}/do-not-mail`),
    reach: async (page, { testApp }) => {
      await page.goto(`${testApp.url}${DESK}/do-not-mail`);
      await page.getByText('Add an address or a domain').click();
      await page.getByLabel('Address, or a domain behind an @').fill('@readers.example');
      await page.getByLabel('Why', { exact: true }).first().fill('Every address there is a spam trap');
      await page.getByRole('button', { name: 'Do not mail' }).click();
      await page.getByRole('heading', { name: 'Mail nobody at' }).waitFor();
    },
  },
  {
    ...readers('operator-do-not-mail-entry', '/do-not-mail/:id', DESK),
    reach: async (page, { testApp }) => page.goto(testApp.url + (await suppressionPath(testApp))),
  },
  readers('operator-do-not-mail-upload', '/do-not-mail/files/new', `${DESK}/do-not-mail/files/new`),
  {
    ...readers('operator-do-not-mail-file', '/do-not-mail/files/:id', DESK),
    reach: async (page, { testApp }) => page.goto(testApp.url + (await suppressionFilePath(testApp))),
  },
  readers('operator-do-not-mail-empty', '/do-not-mail', `${EMPTY_DESK}/do-not-mail`),
];

function readers(name: string, route: string, path: string): Screen {
  return {
    name,
    route: ROUTE + route,
    needs: 'operator',
    reach: (page, { testApp }) => page.goto(testApp.url + path),
  };
}

/** The page of what is done with many readers, in a state. */
function together(
  name: string,
  text: string,
  bring: (fixture: Fixture, changeId: string) => Promise<unknown>,
): Screen {
  return {
    name,
    route: `${ROUTE}/together/:id`,
    needs: 'operator',
    reach: async (page, fixture) => {
      const { context } = fixture.testApp;
      const publication = await findPublicationBySlug(context.db, 'harbour-lantern');
      const selection = {
        publicationId: publication?.id ?? '',
        filter: { address: { kind: 'part' as const, text } },
      };
      const { id } = await prepareReaderChange(context, selection, 'pause');
      await bring(fixture, id);
      const path = `${DESK}/together/${id}`;
      await withoutRefresh(page, path);
      await page.goto(fixture.testApp.url + path);
    },
  };
}

function reader(name: string, pathOf: (testApp: Fixture['testApp']) => Promise<string>): Screen {
  return {
    name,
    route: `${ROUTE}/:id`,
    needs: 'operator',
    reach: async (page, { testApp }) => page.goto(testApp.url + (await pathOf(testApp))),
  };
}

/** Somebody who may look, and sees no addresses. */
async function lookAsViewer(page: Page, { testApp }: Fixture): Promise<void> {
  const { context } = testApp;
  const publication = await findPublicationBySlug(context.db, 'harbour-lantern');
  const grant = {
    role: 'viewer' as const,
    publicationIds: publication === undefined ? [] : [publication.id],
  };
  const email = `viewer-${crypto.randomUUID()}@lantern.example`;
  const viewer = await createOperator(context, { email, name: null, grant });
  await page.goto(await createEntryLink(context, viewer?.id));
  await page.getByRole('button').click();
  await page.goto(testApp.url + DESK);
}
