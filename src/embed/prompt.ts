import { readItem, storeItem } from './local-storage.js';

/** As written on the script tag: `data-after-seconds="30"`. */
export type PromptRules = {
  /** The name of the elements that our forms stand in. */
  forms: string;
  seconds: number;
  /** Percent of the article. */
  scroll: number;
  article: number;
  days: number;
  max: number;
};

const DAY_MS = 86_400_000;

/** Calls `ask` when every rule allows it, at most once for an article. */
export function watchForPrompt(rules: PromptRules, ask: () => void): void {
  if (isSavingData()) return;
  let path = '';
  let seconds = 0;
  let deep = false;
  setInterval(() => {
    if (document.hidden) return;
    // Also an article that is opened without loading a page.
    if (path !== location.pathname) {
      path = location.pathname;
      seconds = 0;
      deep = false;
      countArticle(path);
    }
    seconds++;
    deep ||= readScrollPercent() >= rules.scroll;
    if (seconds < rules.seconds || !deep || isBusy(rules) || !mayPrompt(rules)) return;
    seconds = -Infinity;
    // What is not kept cannot be honoured: no prompt where storage is blocked.
    if (storeItem('nl-asked', `${readPromptHistory()[0] + 1} ${Date.now()}`)) ask();
  }, 1000);
}

/** Another tab may have asked, or been answered, since this page came. */
function mayPrompt({ article, days, max }: PromptRules): boolean {
  const [times, last] = readPromptHistory();
  const opened = parseInt(readItem('nl-read') || '0', 10);
  return !readItem('nl-off') && opened >= article && times < max && Date.now() - last >= days * DAY_MS;
}

function readPromptHistory(): [max: number, last: number] {
  const [times = 0, last = 0] = (readItem('nl-asked') || '0 0').split(' ').map(Number);
  return [times, last];
}

function countArticle(path: string): void {
  const [opened = '', last] = (readItem('nl-read') || '0').split(' ');
  storeItem('nl-read', `${Number(opened) + (last === path ? 0 : 1)} ${path}`);
}

function isSavingData(): boolean {
  return !!(navigator as { connection?: { saveData?: boolean } }).connection?.saveData;
}

/** How far down its end she is, in percent of the article; of the page where there is none. */
function readScrollPercent(): number {
  const { top, height } = (
    document.querySelector('article') ?? document.documentElement
  ).getBoundingClientRect();
  return ((innerHeight - top) / height) * 100;
}

/** She types, marks, watches or listens, sees a form of ours already, or somebody else has the floor. */
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
