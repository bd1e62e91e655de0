import { readItem, storeItem } from './local-storage.js';

/** When to show the prompt, as attributes of the script tag say: `data-after-seconds="30"`. */
export type PromptRules = {
  /** The name of the custom element that our forms are in. */
  forms: string;
  seconds: number;
  /** How much of the article she has scrolled through, in percent. */
  scroll: number;
  /** The prompt may come from this article she opens on: 2 is the second. */
  article: number;
  /** Days since the last prompt. */
  days: number;
  /** How many prompts at most, ever. */
  max: number;
};

const DAY_MS = 86_400_000;

/** Calls `ask` when every rule allows it, at most once for an article. */
export function watchForPrompt(rules: PromptRules, ask: () => void): void {
  if (isSavingData()) return;
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
    hasScrolled ||= readScrollPercent() >= rules.scroll;
    if (seconds < rules.seconds || !hasScrolled || isBusy(rules) || !mayPrompt(rules)) return;
    seconds = -Infinity;
    // Where storage is blocked her answer would be forgotten: no prompt then.
    if (storeItem('nl-asked', `${readPromptHistory()[0] + 1} ${Date.now()}`)) ask();
  }, 1000);
}

/** Reads the stored history anew, since another tab may have shown the prompt or been answered meanwhile. */
function mayPrompt({ article, days, max }: PromptRules): boolean {
  const [times, last] = readPromptHistory();
  const opened = parseInt(readItem('nl-read') || '0', 10);
  return !readItem('nl-off') && opened >= article && times < max && Date.now() - last >= days * DAY_MS;
}

function readPromptHistory(): [times: number, last: number] {
  return (readItem('nl-asked') || '0 0').split(' ').map(Number) as [number, number];
}

function countArticle(path: string): void {
  const [opened = '', last] = (readItem('nl-read') || '0').split(' ');
  storeItem('nl-read', `${Number(opened) + (last === path ? 0 : 1)} ${path}`);
}

function isSavingData(): boolean {
  return !!(navigator as { connection?: { saveData?: boolean } }).connection?.saveData;
}

/** How much of the article is above the lower end of the window, in percent; of the page where there is no article. */
function readScrollPercent(): number {
  const { top, height } = (
    document.querySelector('article') ?? document.documentElement
  ).getBoundingClientRect();
  return ((innerHeight - top) / height) * 100;
}

/** She types, selects text, plays media or sees a form of ours already, or another dialog is open. */
function isBusy({ forms }: PromptRules): boolean {
  const { activeElement, body } = document;
  return (
    (activeElement && activeElement !== body) ||
    getSelection()?.type === 'Range' ||
    !!document.fullscreenElement ||
    all(forms).some(isInView) ||
    all<HTMLMediaElement>('video,audio').some((media) => !media.paused) ||
    all('dialog[open],[aria-modal=true],[role$=dialog]').some((box) => box.getClientRects().length)
  );
}

function isInView(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top < innerHeight && bottom > 0;
}

function all<Kind extends Element>(selector: string): Kind[] {
  return [...document.querySelectorAll<Kind>(selector)];
}
