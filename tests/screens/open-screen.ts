import type { Browser, Page } from 'playwright-core';
import { openBrowserWindow, setViewport, type BrowserWindow, type WindowLook } from '../support/browser.js';
import type { Screen } from './screen.js';
import type { Fixture } from './fixture.js';
import { entryPath } from './states/week.js';

/** Opens screens, each as in a window with an empty profile. Whoever asks closes what is returned. */
export type OpenScreen = (screen: Screen) => Promise<OpenedScreen>;

/** `source`: the page as it was answered, before any script; undefined for what was not answered by a server. */
export type OpenedScreen = BrowserWindow & { source(): Promise<string | undefined> };

/**
 * Windows that show one screen after another: in a process that is warm, a page and axe take a third of the time. One that was
 * not closed, because its test failed, shows no other screen.
 */
export function screenWindows(browser: Browser, fixture: Fixture, look: WindowLook): OpenScreen {
  const free = new Map<Screen['needs'], BrowserWindow>();
  return async (screen) => {
    const { needs, changesWindow = false } = screen;
    const kept = changesWindow ? undefined : free.get(needs);
    const window = kept ?? (await openWindow(browser, fixture, screen, look));
    if (kept !== undefined) free.delete(needs);
    const earlier = window.problems().length;
    const source = recordSource(window.page);
    await screen.reach(window.page, fixture);
    return {
      page: window.page,
      source,
      problems: () => window.problems().slice(earlier),
      close: async () => {
        if (changesWindow) return window.close();
        await clean(window.page, screen, look);
        free.set(needs, window);
      },
    };
  };
}

/** What is answered from now on: the last page of all. */
function recordSource(page: Page): () => Promise<string | undefined> {
  let last: Promise<string | undefined> = Promise.resolve(undefined);
  page.on('response', (response) => {
    const isPage = response.request().isNavigationRequest() && response.frame() === page.mainFrame();
    if (isPage && (response.headers()['content-type'] ?? '').startsWith('text/html'))
      last = response.text().catch(() => undefined);
  });
  return () => last;
}

/** A new window, in which an operator has entered if the screen needs one. */
async function openWindow(
  browser: Browser,
  fixture: Fixture,
  { needs }: Screen,
  look: WindowLook,
): Promise<BrowserWindow> {
  const visitor = await openBrowserWindow(browser, look);
  if (needs === 'operator') await signIn(visitor.page, fixture);
  return visitor;
}

async function signIn(page: Page, { testApp }: Fixture): Promise<void> {
  await page.goto(testApp.url + (await entryPath(testApp)));
  await page.getByRole('button').click();
  await page.waitForURL('**/operator/publications/*');
}

/** As the window was before its screen; what an operator keeps is her session, and a mail program has nothing to keep. */
async function clean(page: Page, { needs }: Screen, { width }: WindowLook): Promise<void> {
  await setViewport(page, { width, theme: 'light' });
  if (needs === 'mail') return;
  await page.evaluate('localStorage.clear(), sessionStorage.clear()');
  await page.unrouteAll();
  if (needs === 'reader') await page.context().clearCookies();
}
