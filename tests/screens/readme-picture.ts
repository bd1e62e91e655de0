import type { Browser, Page } from 'playwright-core';
import { openBrowserWindow } from '../support/browser.js';
import { screens } from './manifest.js';
import type { Screen } from './screen.js';
import { screenWindows } from './open-screen.js';
import type { Fixture } from './fixture.js';

const panel = { width: 460, height: 640 };
const gap = 40;
const desk = { width: 1180, height: 1080 };

/** What the README shows: the file, and the screens that it takes from. */
export const readmePictures: Readonly<
  Record<string, (browser: Browser, fixture: Fixture, path: string) => Promise<void>>
> = {
  'paperround.png': takeFront,
  'desk.png': deskPicture('operator'),
  'desk-reader.png': deskPicture('operator-reader-why'),
  'desk-digest.png': deskPicture('operator-digest-closed'),
};

/** The form, the inbox and a digest beside each other on the paper they share. */
async function takeFront(browser: Browser, fixture: Fixture, path: string): Promise<void> {
  const panels = [
    await shoot(browser, fixture, 'demo-article', (page) => scrollTo(page, '.sign-up-box')),
    await shoot(browser, fixture, 'inbox'),
    await shoot(browser, fixture, 'mail-digest-several'),
  ];
  const { page, close } = await openBrowserWindow(browser, {
    width: 3 * panel.width + 4 * gap,
    height: panel.height,
  });
  await page.setContent(frontPage(panels));
  await page.screenshot({ path, fullPage: true });
  await close();
}

/** The top of one page of the desk. */
function deskPicture(name: Screen['name']) {
  return async (browser: Browser, fixture: Fixture, path: string): Promise<void> => {
    const { page, close } = await screenWindows(browser, fixture, desk)(screenNamed(name));
    await page.screenshot({ path });
    await close();
  };
}

function screenNamed(name: Screen['name']): Screen {
  const screen = screens.find((one) => one.name === name);
  if (screen === undefined) throw new Error(`No screen is called ${name}`);
  return screen;
}

async function shoot(
  browser: Browser,
  fixture: Fixture,
  name: Screen['name'],
  prepare?: (page: Page) => Promise<unknown>,
): Promise<string> {
  const { page, close } = await screenWindows(browser, fixture, panel)(screenNamed(name));
  await prepare?.(page);
  const picture = await page.screenshot();
  await close();
  return `data:image/png;base64,${picture.toString('base64')}`;
}

/** Scrolls until the end of an element is a little above the end of the window. */
function scrollTo(page: Page, selector: string): Promise<unknown> {
  return page.evaluate(
    `scrollTo(0, scrollY + document.querySelector('${selector}').getBoundingClientRect().bottom + 24 - innerHeight)`,
  );
}

function frontPage(panels: string[]): string {
  const images = panels.map(
    (source) => `<img src="${source}" width="${panel.width}" height="${panel.height}" alt="">`,
  );
  return `<!doctype html><style>
    body { margin: 0; padding: ${gap}px; display: flex; gap: ${gap}px; background: #f1eee6 }
    img { border-radius: 8px; box-shadow: 0 1px 2px #0002, 0 8px 24px #0001 }
  </style>${images.join('')}`;
}
