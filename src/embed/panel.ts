import { renderForm, type EmbedConfig } from './config.js';
import { button, element } from './dom.js';
import { enhanceForm } from './form.js';
import { isFormIn, isIn, isOneInView, PANEL } from './in-view.js';
import { storeItem } from './local-storage.js';

/** `called`: she pressed a button for it. The others open by themselves: beside the text, or over it. */
export type PanelMode = 'called' | 'slide-in' | 'dialog';

/** Keeps a button in sight only while no form and no box of ours is in the window: it would cover what is there. */
let updateButton = () => {};

export function hideWhileInView(button: HTMLElement): void {
  updateButton = () => {
    button.hidden = isOneInView();
  };
  addEventListener('scroll', updateButton, true);
  setInterval(updateButton, 1000);
  updateButton();
}

/**
 * Opens the form in a box of its own. A `slide-in` leaves focus and scroll position alone. What is not a dialog closes when it
 * would cover what has the focus, or a form of ours that she scrolls to, unless she is in the box.
 * @param before gets the focus when the box closes with the focus in it
 */
export function openPanel(
  config: EmbedConfig,
  mode: PanelMode,
  before = document.activeElement as HTMLElement | null,
): void {
  const y = scrollY;
  const host = element(PANEL);
  /** Also the options of what listens: `signal` is a member of it. */
  const listening = new AbortController();
  const spaceBefore = reserveBottomSpace();
  const close = () => {
    const hadFocus = host.matches(':focus-within');
    host.remove();
    reserveBottomSpace(spaceBefore);
    listening.abort();
    updateButton();
    if (hadFocus) before?.focus({ preventScroll: true });
    if (mode === 'dialog') scrollTo(0, y);
  };
  const box = buildPanel(renderForm(host, config), config, mode, close);
  const closeIfOver = (isOver: (box: DOMRect) => boolean) => {
    if (!host.matches(':focus-within') && isOver(box.getBoundingClientRect())) close();
  };

  document.body.append(host);
  updateButton();
  // She subscribed or refused in another tab.
  addEventListener(
    'storage',
    ({ key, newValue }) => {
      if (key === 'nl-off' && newValue) close();
    },
    listening,
  );
  if (mode === 'dialog') openDialog(box as HTMLDialogElement, close);
  else {
    reserveBottomSpace(`${box.offsetHeight + 16}px`);
    // WCAG 2.2, 2.4.11: the element with the focus must not be hidden.
    addEventListener('focusin', ({ target }) => closeIfOver((at) => isIn(at, target as Element)), listening);
    addEventListener('scroll', () => closeIfOver(isFormIn), listening);
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
    ways.append(
      button(words.reading, close),
      button(words.never, () => {
        storeItem('nl-off', 'no');
        close();
      }),
    );
  }
  enhanceForm(section.querySelector('form') as HTMLFormElement, config);
  return box;
}

/** Modal: the browser keeps the focus in it, and gives it back when it closes. */
function openDialog(box: HTMLDialogElement, close: () => void): void {
  box.addEventListener('click', ({ target }) => {
    if (target === box) close();
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
