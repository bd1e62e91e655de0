import { sql } from '../../src/platform/db/sql.js';
import { findPublicationBySlug } from '../../src/publications/reads.js';
import type { Import } from '../../src/subscribers/import/import.js';
import { addImport, createImport } from '../../src/subscribers/import/prepare-import.js';
import { startMailing, stopMailing } from '../../src/subscribers/import/start-mailing.js';
import { undoImport } from '../../src/subscribers/import/undo-import.js';
import { receiveFile } from '../../src/subscribers/import/receive-file.js';
import { bringReaders, prepareImport } from '../support/imports.js';
import type { TestApp } from '../support/test-app.js';
import type { Fixture } from './fixture.js';
import type { Screen } from './screen.js';
import { withoutRefresh } from './without-refresh.js';

const ROUTE = '/operator/publications/:slug/readers/import';
/** A newsletter without readers: nobody on the other pages is moved by what is brought. */
const DESK = '/operator/publications/tide-table/readers/import';

const FILES = {
  'subscribed_members_export.csv': `Email Address,First Name,OPTIN_TIME,TIMEZONE,TAGS
anna@shore.example,Anna,2018-02-05 19:28:23,Europe/Lisbon,
ben@shore.example,Ben,2019-04-01 08:00:00,Africa/Nairobi,
chi@shore.example,Chi,2020-11-30 21:14:09,,
dora@shore.example,Dora,2021-06-06 06:06:06,,
ed at shore.example,Ed,2022-01-01 00:00:00,,
anna@shore.example,Anna,2018-02-05 19:28:23,,
`,
  'unsubscribed_members_export.csv': `Email Address,UNSUB_TIME
finn@shore.example,2023-06-06 12:56:15
gita@shore.example,2024-01-06 10:00:00
`,
  'cleaned_members_export.csv': 'Email Address,CLEAN_TIME\nhugo@shore.example,2023-06-06 12:56:15\n',
};
const MAILCHIMP = { product: 'mailchimp', productName: 'Mailchimp', cadence: 'daily' } as const;

/** Readers who are brought from another product, at each step. */
export const importScreens: readonly Screen[] = [
  {
    name: 'operator-imports',
    route: ROUTE,
    needs: 'operator',
    reach: async (page, { testApp }) => {
      await bringReaders(testApp, await tideTable(testApp), FILES, MAILCHIMP);
      await page.goto(testApp.url + DESK);
    },
  },
  step('operator-import-begun', async (testApp) => beginImport(testApp)),
  step('operator-import-files', async (testApp) => {
    const begun = await beginImport(testApp);
    const text = 'name,first email,second email\nAnna,anna@shore.example,anna@home.example\n';
    await receiveFile(testApp.context, begun, 'members.csv', pieces(text));
    return begun;
  }),
  step('operator-import-checked', async (testApp) => prepare(testApp)),
  step('operator-import-problem', async (testApp) => {
    const text = 'Email,Joined\nanna@shore.example,03/04/2023\n';
    return prepareImport(testApp, await tideTable(testApp), text, MAILCHIMP);
  }),
  step('operator-import-adding', async (testApp) => {
    const { id } = await prepare(testApp);
    await addImport(testApp.context, id);
    return { id };
  }),
  step('operator-import-added', async (testApp) => bring(testApp)),
  step('operator-import-started', async (testApp) => {
    const { id } = await bring(testApp);
    await startMailing(testApp.context, id, { startAt: testApp.context.now(), startsPerDay: 2 });
    await testApp.handlers['start-imported']({});
    return { id };
  }),
  step('operator-import-bounces', async (testApp) => {
    const { id } = await bring(testApp);
    await startMailing(testApp.context, id, { startAt: testApp.context.now(), startsPerDay: 2 });
    await testApp.handlers['start-imported']({});
    await stopMailing(testApp.context, id, 'bounces');
    return { id };
  }),
  step('operator-import-undone', async (testApp) => {
    const { id } = await bring(testApp);
    await undoImport(testApp.context, id);
    await testApp.handlers['import-readers']({ importId: id });
    return { id };
  }),
];

async function tideTable({ context }: TestApp) {
  const publication = await findPublicationBySlug(context.db, 'tide-table');
  if (publication === undefined) throw new Error('There is no newsletter tide-table.');
  return publication;
}

async function beginImport(testApp: TestApp): Promise<{ id: string }> {
  const created = await createImport(testApp.context, await tideTable(testApp), MAILCHIMP);
  return { id: created.kind === 'created' ? created.id : '' };
}

/** Whom an earlier picture brought is gone, so that each begins with nobody. */
async function prepare(testApp: TestApp): Promise<Import> {
  const publication = await tideTable(testApp);
  const { db } = testApp.context;
  const adding = await db.many<{ id: string }>(sql`select id from imports where state = 'adding'`);
  for (const { id } of adding) await testApp.handlers['import-readers']({ importId: id });
  await db.run(sql`
    delete from consents
     where subscription_id in (select id from subscriptions where publication_id = ${publication.id})
  `);
  await db.run(sql`delete from subscriptions where publication_id = ${publication.id}`);
  await db.run(sql`delete from suppressions where publication_id = ${publication.id} and source = 'import'`);
  return prepareImport(testApp, publication, FILES, MAILCHIMP);
}

async function bring(testApp: TestApp): Promise<Import> {
  const prepared = await prepare(testApp);
  await addImport(testApp.context, prepared.id);
  await testApp.handlers['import-readers']({ importId: prepared.id });
  return prepared;
}

async function* pieces(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

function step(name: string, make: (testApp: TestApp) => Promise<{ id: string }>): Screen {
  return {
    name,
    route: `${ROUTE}/:id`,
    needs: 'operator',
    reach: async (page, { testApp }: Fixture) => {
      const path = `${DESK}/${(await make(testApp)).id}`;
      await withoutRefresh(page, path);
      await page.goto(testApp.url + path);
    },
  };
}
