import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

export type Theme = 'light' | 'dark';
export const themes: readonly Theme[] = ['light', 'dark'];

/** One browser window. `problems`: errors of its console, blocked content, and requests to other machines. */
export type BrowserWindow = { page: Page; problems(): string[]; close(): Promise<void> };

const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // `localhost` is a name of this machine, and passkeys need a name.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** The headless shell first: it has no toolbars, and needs half as much as the whole program. */
const CHROMIUM_PATHS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

/** Where Chromium is: CHROMIUM, or where Debian puts it. Undefined when this machine has none. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM'];
  return (named === undefined ? CHROMIUM_PATHS : [named]).find((path) => existsSync(path));
}

/** @throws when this machine has no Chromium */
export function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('There is no Chromium here. CHROMIUM names one.');
  return chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
}

export type WindowLook = {
  width: number;
  height?: number;
  scale?: number;
  script?: boolean;
};

/**
 * A window with an empty profile, which runs scripts unless `script` is false. It reaches only this machine; pictures in mails
 * are not loaded, as in many mail programs.
 */
export async function openBrowserWindow(browser: Browser, look: WindowLook): Promise<BrowserWindow> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.height ?? 800 },
    deviceScaleFactor: look.scale ?? 1,
    reducedMotion: 'reduce',
    javaScriptEnabled: look.script ?? true,
  });
  const strayed = await blockExternalRequests(context);
  const page = await context.newPage();
  const errors = collectErrors(page);
  const complaints = () => [...errors(), ...strayed.map((url) => `A request left this machine: ${url}`)];
  return { page, problems: complaints, close: () => context.close() };
}

async function blockExternalRequests(context: BrowserContext): Promise<string[]> {
  const strayed: string[] = [];
  await context.route('**/*', async (route, request) => {
    if (['127.0.0.1', 'localhost'].includes(new URL(request.url()).hostname)) return route.continue();
    if (!isPicture(request.url(), request.resourceType())) strayed.push(request.url());
    return route.abort();
  });
  return strayed;
}

function isPicture(url: string, type: string): boolean {
  return type === 'image' && url.startsWith('https:');
}

/** Errors of the console, without those that Chromium adds for an expected error page. */
function collectErrors(page: Page): () => string[] {
  const errors: { text: string; url: string }[] = [];
  const answered = new Set<string>();
  const pictures = new Set<string>();
  page.on('response', (response) => {
    // A 4xx response is expected where a page or a form shows it.
    if (response.request().isNavigationRequest() || response.status() === 422) answered.add(response.url());
  });
  page.on('requestfailed', (request) => {
    if (isPicture(request.url(), request.resourceType())) pictures.add(request.url());
  });
  page.on('pageerror', (error) => errors.push({ text: error.message, url: page.url() }));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push({ text: message.text(), url: message.location().url });
  });
  const isMeant = ({ text, url }: { text: string; url: string }) =>
    (text.startsWith('Failed to load resource: the server responded') && answered.has(url)) ||
    (text.startsWith('Failed to load resource: net::') && pictures.has(url));
  return () => errors.filter((error) => !isMeant(error)).map(({ text, url }) => `${text} (${url})`);
}

/** The page at another width or in another theme: style sheets follow without a new visit. */
export async function setViewport(page: Page, look: { width: number; theme: Theme }): Promise<void> {
  await page.setViewportSize({ width: look.width, height: 800 });
  await page.emulateMedia({ colorScheme: look.theme, reducedMotion: 'reduce' });
}
