import { sql } from '../../src/platform/db/sql.js';
import { paintFrame } from './article-screens.js';
import type { Screen } from './screen.js';
import { digestPath } from './states/digests.js';

const ROUTE = '/operator/publications/:slug/digests';
const COMING = '/operator/publications/harbour-lantern/digests/coming/daily/preview';

/** A mail before it goes and after, in each way to look at it. */
export const previewScreens: readonly Screen[] = [
  coming('operator-preview', '?done=test-too-many'),
  coming('operator-preview-phone', '?width=phone&theme=dark&pictures=off'),
  coming('operator-preview-text', '?view=text&language=sw'),
  coming('operator-preview-source', '?view=source&format=full'),
  {
    name: 'operator-preview-no-reader',
    needs: 'operator',
    reach: async (page, { testApp }) => {
      await page.goto(testApp.url + COMING);
      await page.getByLabel('Her address').fill('nobody@example.com');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'operator-preview-held',
    route: `${ROUTE}/:id/preview`,
    needs: 'operator',
    reach: async (page, { testApp }) =>
      page.goto(`${testApp.url}${await digestPath(testApp, 'held')}/preview`),
  },
  {
    name: 'operator-preview-reader',
    needs: 'operator',
    reach: async (page, { testApp }) => {
      const reader = await testApp.context.db.one<{ id: string }>(sql`
        select s.id from subscriptions s join publications p on p.id = s.publication_id
         where p.slug = 'harbour-lantern' and s.status = 'confirmed' order by s.id limit 1
      `);
      await page.goto(`${testApp.url}${await digestPath(testApp, 'closed')}/preview?reader=${reader.id}`);
    },
  },
];

function coming(name: string, query: string): Screen {
  return {
    name,
    route: `${ROUTE}/coming/:coming/preview`,
    needs: 'operator',
    reach: async (page, { testApp }) => {
      await page.goto(testApp.url + COMING + query);
      await paintFrame(page);
    },
  };
}
