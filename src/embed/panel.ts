import { renderForm, type EmbedConfig } from './config.js';
import { button, element, enhanceForm } from './form.js';
import { storeItem } from './local-storage.js';

/** She called it, or it came by itself: beside what she reads, or over it. */
export type PanelMode = 'called' | 'slide-in' | 'dialog';

/**
 * The form in a box of its own. One that comes beside the text takes neither focus nor scroll, and makes way for both.
 * @param closed told whether the focus was in the box, and has to go somewhere
 */
export function openPanel(config: EmbedConfig, manner: PanelMode, closed: (hadFocus: boolean) => void): void {
  const host = element('div');
  const box = buildPanel(renderForm(host, config), config, manner, () => close());
  const room = reserveBottomSpace();

  const close = () => {
    if (!host.isConnected) return;
    const hadFocus = host.matches(':focus-within');
    host.remove();
    reserveBottomSpace(room);
    removeEventListener('focusin', stepAside);
    removeEventListener('storage', follow);
    closed(hadFocus);
  };
  /** WCAG 2.2, 2.4.11: what she moves to must be seen. */
  const stepAside = ({ target }: Event) => {
    if (target !== host && overlap(target as Element, box)) close();
  };
  /** She answered in another tab. */
  const follow = ({ key, newValue }: StorageEvent) => {
    if (key === 'nl-off' && newValue) close();
  };

  document.body.append(host);
  addEventListener('storage', follow);
  if (manner === 'dialog') openDialog(box as HTMLDialogElement, close);
  else {
    reserveBottomSpace(`${box.offsetHeight + 16}px`);
    addEventListener('focusin', stepAside);
  }
  if (manner !== 'slide-in') box.querySelector('h2')?.focus({ preventScroll: true });
}

/** The box around the form that stands in the root, with its ways out: buttons of one size. */
function buildPanel(
  root: ShadowRoot,
  config: EmbedConfig,
  manner: PanelMode,
  close: () => void,
): HTMLElement {
  const { words } = config;
  const section = root.firstElementChild as HTMLElement;
  const heading = section.firstElementChild as HTMLElement;
  const box: HTMLElement = root.appendChild(element(manner === 'dialog' ? 'dialog' : 'section'));
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
  if (manner === 'called') ways.append(button(words.close, close));
  else {
    box.className = 'nl-short';
    ways.append(button(words.reading, close), button(words.never, refuse));
  }
  enhanceForm(section.querySelector('form') as HTMLFormElement, config);
  return box;
}

/** The browser keeps the focus in it and gives it back; the page stays where it was. */
function openDialog(box: HTMLDialogElement, close: () => void): void {
  box.addEventListener('click', ({ target }) => {
    if (target === box) box.close();
  });
  box.addEventListener('close', close);
  box.showModal();
}

/** Sets how much of the window's foot the page is to count as covered, and answers what it was. */
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
