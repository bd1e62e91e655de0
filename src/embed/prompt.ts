import { all, isOneInView } from './in-view.js';
import { readItem, storeItem } from './local-storage.js';

/**
 * When to show the prompt: the number of an attribute of the script tag (`data-after-seconds="30"`), or the usual one.
 * `afterSeconds` on the article, `afterScroll` percent of it, `fromArticle` she opens on (2 is the second), `everyDays` since the last
 * prompt, `atMost` so many ever.
 */
export type ReadRule = (
  rule: 'afterSeconds' | 'afterScroll' | 'fromArticle' | 'everyDays' | 'atMost',
  usual: number,
) => number;

const DAY_MS = 86_400_000;

/** Calls `ask` when every rule allows it, at most once for an article. */
export function watchForPrompt(rule: ReadRule, ask: () => void): void {
  if ((navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return;
  let path = '';
  let seconds = 0;
  let hasScrolled = false;
  setInterval(() => {
    if (document.hidden) return;
    // Some sites open the next article without loading a page.
    if (path !== location.pathname) {
      path = location.pathname;
      seconds = 0;
      hasScrolled = false;
      countArticle(path);
    }
    seconds++;
    hasScrolled ||= readScrollPercent() >= rule('afterScroll', 90);
    if (seconds < rule('afterSeconds', 30) || !hasScrolled || isBusy() || !mayPrompt(rule)) return;
    seconds = -Infinity;
    // Where storage is blocked her answer would be forgotten: no prompt then.
    if (storeItem('nl-asked', `${readPromptHistory()[0] + 1} ${Date.now()}`)) ask();
  }, 1000);
}

/** Reads the stored history anew, since another tab may have shown the prompt or been answered meanwhile. */
function mayPrompt(rule: ReadRule): boolean {
  const [times, last] = readPromptHistory();
  return (
    !readItem('nl-off') &&
    parseFloat(readItem('nl-read') || '0') >= rule('fromArticle', 2) &&
    times < rule('atMost', 3) &&
    Date.now() - last >= rule('everyDays', 30) * DAY_MS
  );
}

function readPromptHistory(): [times: number, last: number] {
  return (readItem('nl-asked') || '0 0').split(' ').map(Number) as [number, number];
}

function countArticle(path: string): void {
  const [opened = '', last] = (readItem('nl-read') || '0').split(' ');
  storeItem('nl-read', `${Number(opened) + (last === path ? 0 : 1)} ${path}`);
}

/** How much of the article is above the lower end of the window, in percent; of the page where there is no article. */
function readScrollPercent(): number {
  const { top, height } = (
    document.querySelector('article') ?? document.documentElement
  ).getBoundingClientRect();
  return ((innerHeight - top) / height) * 100;
}

/** She types, selects text, plays media or sees a form of ours already, or another dialog is open. */
function isBusy(): boolean {
  const { activeElement, body } = document;
  return (
    (activeElement && activeElement !== body) ||
    getSelection()?.type === 'Range' ||
    isOneInView() ||
    all<HTMLMediaElement>('video,audio').some((media) => !media.paused) ||
    all(':fullscreen,dialog[open],[aria-modal=true],[role$=dialog]').some(
      (box) => box.getClientRects().length,
    )
  );
}
