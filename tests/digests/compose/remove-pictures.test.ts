import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Publication } from '../../../src/publications/publication.js';
import { sql } from '../../../src/platform/db/sql.js';
import { changeChoices } from '../../../src/subscribers/preferences/change-choices.js';
import { addArticles, addReader } from '../../support/fixtures.js';
import { readMails } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ contentMode: 'full' });
});
afterAll(() => testApp.close());

test('who wants no pictures gets the same mail without them, and reads what they show', async () => {
  const sees = await addReader(testApp, publication, 'sees@example.com', { cadence: 'instant' });
  const saves = await addReader(testApp, publication, 'saves@example.com', { cadence: 'instant' });
  await changeChoices(testApp.context, saves.id, { withoutPictures: true });
  await addArticles(testApp, publication, {
    title: 'Harbour',
    content:
      '<p>Before.</p><p><img src="https://lantern.example/boat.jpg" alt="A &quot;red&quot; boat"></p>' +
      '<p><img src="https://lantern.example/line.png" alt=""></p><p>After.</p>',
  });
  await testApp.runDueJobs();
  const mails = new Map((await readMails(testApp)).map((mail) => [mail.to, mail]));
  const [whole, light] = [mails.get('sees@example.com'), mails.get('saves@example.com')];
  expect(whole?.html).toContain('https://lantern.example/boat.jpg');
  expect(light?.html).not.toMatch(/boat\.jpg|line\.png/);
  expect(light?.html).toMatch(/Before\..*\[A (?:"|&quot;)red(?:"|&quot;) boat\].*After\./s);
  expect(light?.text).toContain('[A "red" boat]');
  expect(light?.subject).toBe(whole?.subject);
  const variants = await testApp.context.db.many(
    sql`select without_pictures from variants order by without_pictures`,
  );
  expect(variants).toEqual([{ withoutPictures: false }, { withoutPictures: true }]);
  expect(sees.withoutPictures).toBe(false);
});
