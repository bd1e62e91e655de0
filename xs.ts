import { mkdirSync, writeFileSync } from 'node:fs';
import { openBrowser } from './tests/support/browser.js';
import { startTestPostgres } from './tests/support/jest/test-postgres.js';
import { screens } from './tests/screens/manifest.js';
import { openBrowserWindow } from './tests/support/browser.js';
import { openFixture } from './tests/screens/fixture.js';
import { entryPath } from './tests/screens/states/week.js';
process.env['TZ'] = 'Europe/London';
const servers = await startTestPostgres();
process.env['PAPERROUND_TEST_DATABASE_URL'] = servers.databaseUrl;
const fixture = await openFixture();
const browser = await openBrowser();
const dir = '/tmp/w/g5-vnu/live'; mkdirSync(dir, { recursive: true });
mkdirSync('/tmp/w/g5-mails', { recursive: true });
fixture.testApp.smtp.messages.forEach((m: any, i: number) => writeFileSync(`/tmp/w/g5-mails/${String(i).padStart(4,'0')}.eml`, m.raw ?? m.data ?? JSON.stringify(m)));
for (const screen of screens) {
  const visitor = await openBrowserWindow(browser, { width: 390 });
  try {
    if (screen.needs === 'operator') { await visitor.page.goto(fixture.testApp.url + (await entryPath(fixture.testApp))); await visitor.page.getByRole('button').click(); await visitor.page.waitForURL('**/operator'); }
    let last: Buffer | undefined;
    visitor.page.on('response', async (r) => { if (r.request().isNavigationRequest() && r.frame() === visitor.page.mainFrame() && !(r.status() >= 300 && r.status() < 400)) last = await r.body().catch(() => undefined); });
    await screen.reach(visitor.page, fixture);
    await new Promise((r) => setTimeout(r, 100));
    if (last && screen.needs !== 'mail') writeFileSync(`${dir}/${screen.name}.html`, last);
  } catch (e) { console.log(screen.name, String(e).slice(0, 200)); }
  await visitor.close();
}
await browser.close(); await fixture.close(); await servers.stop();
process.exit(0);
