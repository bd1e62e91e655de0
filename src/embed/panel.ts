import { renderForm, type EmbedConfig } from './config.js';
import { button, element } from './dom.js';
import { enhanceForm } from './form.js';
import { storeItem } from './local-storage.js';

/** `called`: she pressed a button for it. The others open by themselves: beside the text, or over it. */
export type PanelMode = 'called' | 'slide-in' | 'dialog';

/**
 * Opens the form in a box of its own. A `slide-in` leaves focus and scroll position alone, and closes when it would cover
 * what has the focus.
 * @param closed called with whether the focus was in the box, so that the caller moves it elsewhere
 */
export function openPanel(config: EmbedConfig, mode: PanelMode, closed: (hadFocus: boolean) => void): void {
  const host = element('div');
  const box = buildPanel(renderForm(host, config), config, mode, () => close());
  const spaceBefore = reserveBottomSpace();

  const close = () => {
    if (!host.isConnected) return;
    const hadFocus = host.matches(':focus-within');
    host.remove();
    reserveBottomSpace(spaceBefore);
    removeEventListener('focusin', closeWhenOverFocus);
    removeEventListener('storage', closeWhenAnswered);
    closed(hadFocus);
  };
  /** WCAG 2.2, 2.4.11: the element with the focus must not be hidden. */
  const closeWhenOverFocus = ({ target }: Event) => {
    if (target !== host && overlap(target as Element, box)) close();
  };
  /** Closes when she subscribed or refused in another tab. */
  const closeWhenAnswered = ({ key, newValue }: StorageEvent) => {
    if (key === 'nl-off' && newValue) close();
  };

  document.body.append(host);
  addEventListener('storage', closeWhenAnswered);
  if (mode === 'dialog') openDialog(box as HTMLDialogElement, close);
  else {
    reserveBottomSpace(`${box.offsetHeight + 16}px`);
    addEventListener('focusin', closeWhenOverFocus);
  }
  if (mode !== 'slide-in') box.querySelector('h2')?.focus({ preventScroll: true });
}

/** Puts the form of the shadow root into a box, with buttons that close it. */
function buildPanel(root: ShadowRoot, config: EmbedConfig, mode: PanelMode, close: () => void): HTMLElement {
  const { words } = config;
  const section = root.firstElementChild as HTMLElement;
  const heading = section.firstElementChild as HTMLElement;
  const box: HTMLElement = root.appendChild(element(mode === 'dialog' ? 'dialog' : 'section'));
  const calm = element('p', 'nl-calm');
  const ways = element('div', 'nl-ways');
  const refuse = () => {
    storeItem('nl-off', 'no');
    close();
  };

  box.ariaLabel = words.subscribe;
  box.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') close();
  });
  box.append(section);
  heading.tabIndex = -1;
  heading.textContent = words.heading;
  calm.textContent = words.calm;
  heading.after(calm);
  section.append(ways);
  if (mode === 'called') ways.append(button(words.close, close));
  else {
    box.className = 'nl-short';
    ways.append(button(words.reading, close), button(words.never, refuse));
  }
  enhanceForm(section.querySelector('form') as HTMLFormElement, config);
  return box;
}

/** Modal: the browser keeps the focus in it, and gives it back when it closes. */
function openDialog(box: HTMLDialogElement, close: () => void): void {
  box.addEventListener('click', ({ target }) => {
    if (target === box) box.close();
  });
  box.addEventListener('close', close);
  box.showModal();
}

/**
 * Sets how much of the window's lower end counts as covered when the page scrolls to something; returns what was set
 * before.
 */
export function reserveBottomSpace(height = ''): string {
  const { style } = document.documentElement;
  const before = style.scrollPaddingBottom;
  style.scrollPaddingBottom = height;
  return before;
}

function overlap(one: Element, other: Element): boolean {
  const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
