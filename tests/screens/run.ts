import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { findChromium, openBrowser } from '../support/browser.js';
import { startTestPostgres } from '../support/jest/test-postgres.js';
import { readmePictures } from './readme-picture.js';
import { screens } from './manifest.js';
import type { Screen } from './screen.js';
import { setViewport, themes } from '../support/browser.js';
import { screenWindows, type OpenScreen } from './open-screen.js';
import { openFixture, type Fixture } from './fixture.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'screens');
const widths = { phone: 390, desktop: 1280 };

const say = (line: string) => void process.stdout.write(`${line}\n`);

if (findChromium() === undefined) {
  process.stderr.write(
    'No pictures were taken: there is no Chromium where Debian puts it, nor where CHROMIUM says.\n',
  );
  process.exitCode = 1;
} else await takeAll();

/**
 * Takes every picture of the manifest anew, and those for the README; nothing that is committed changes. With a regular expression as its argument
 * (`npm run screens -- manage`): only the screens whose names match, beside the pictures that are there; `readme`: only the README's.
 */
async function takeAll(): Promise<void> {
  const [filter] = process.argv.slice(2);
  const wanted = screens.filter(({ name }) => new RegExp(filter ?? '').test(name));
  // The demo and the inbox speak the zone of their machine; pictures are the same on all of them.
  process.env['TZ'] = 'Europe/London';
  const servers = await startTestPostgres();
  process.env['PAPERROUND_TEST_DATABASE_URL'] = servers.databaseUrl;
  const fixture = await openFixture();
  const browser = await openBrowser();
  try {
    if (filter === undefined) await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const openScreen = screenWindows(browser, fixture, { width: widths.phone });
    const counts = [];
    for (const screen of wanted) counts.push(await takePictures(openScreen, screen));
    if (filter === undefined || filter === 'readme') await takeForReadme(browser, fixture);
    say(`${counts.reduce((sum, count) => sum + count, 0)} pictures of ${wanted.length} screens in screens/`);
  } finally {
    await browser.close();
    await fixture.close();
    await servers.stop();
  }
}

async function takeForReadme(browser: Browser, fixture: Fixture): Promise<void> {
  for (const [name, take] of Object.entries(readmePictures)) {
    const path = join(folder, name);
    await take(browser, fixture, path);
    const size = Math.round((await stat(path)).size / 1024);
    say(`screens/${name} ${size} KB, for docs/ when the README is to show it`);
  }
}

async function takePictures(openScreen: OpenScreen, screen: Screen): Promise<number> {
  const { page, problems, close } = await openScreen(screen);
  for (const [word, width] of Object.entries(widths)) {
    for (const theme of themes) {
      await setViewport(page, { width, theme });
      const file = `${screen.name}-${word}-${theme}.png`;
      await page.screenshot({ path: join(folder, file), fullPage: true });
      say(`screens/${file}`);
    }
  }
  for (const complaint of problems()) {
    process.stderr.write(`${screen.name}: ${complaint}\n`);
    process.exitCode = 1;
  }
  await close();
  return Object.keys(widths).length * themes.length;
}
