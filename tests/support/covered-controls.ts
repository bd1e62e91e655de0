import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { setViewport } from './browser.js';

/** A small phone, a usual one, and a desk. */
const WIDTHS = [320, 390, 1280];
const PASSES = [
  { scrolls: false, widths: WIDTHS },
  // From the last width back, which spares a change.
  { scrolls: true, widths: WIDTHS.toReversed() },
];

/** At each width, every control is what is at its own middle: first as the page stands, then each after scrolling to it. */
export async function expectUncovered(page: Page): Promise<void> {
  for (const { scrolls, widths } of PASSES) {
    for (const width of widths) {
      await setViewport(page, { width, theme: 'light' });
      const covered = await findCoveredControls(page, scrolls);
      expect({ width, scrolls, covered }).toEqual({ width, scrolls, covered: [] });
    }
  }
}

/**
 * The controls that something else lies over, each with what that is. A box of our embeds may cover the publisher's page that
 * it is on, and nothing of ours.
 * @param scrolls whether to scroll to those that are not in the window
 */
export function findCoveredControls(page: Page, scrolls: boolean): Promise<string[]> {
  return page.evaluate<string[]>(`(${findCovered})(${scrolls})`);
}

/** Runs in the page. */
const findCovered = `(scrolls) => {
  const roots = [document];
  for (const root of roots)
    for (const { shadowRoot } of root.querySelectorAll('*')) if (shadowRoot) roots.push(shadowRoot);
  const all = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);
  const atPoint = (x, y, root = document) => {
    const found = root.elementFromPoint(x, y);
    return found?.shadowRoot ? (atPoint(x, y, found.shadowRoot) ?? found) : found;
  };
  const embedOf = (element) => element.getRootNode().host?.localName;
  const name = (element) => element.localName + ' "' + (element.ariaLabel ?? element.innerText ?? element.name ?? '').trim().slice(0, 40) + '"';
  // What is open over a page is used, or closed, before the page.
  const modals = all('dialog:modal, :popover-open');
  const isUsable = (control) =>
    control.tabIndex >= 0 &&
    control.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    (modals.length === 0 || modals.some((modal) => modal.contains(control)));
  const middleOf = (control) => {
    const boxes = [...control.getClientRects()];
    const { left, top, width, height } = boxes.toSorted((one, other) => other.width - one.width)[0] ?? new DOMRect();
    const [x, y] = [left + width / 2, top + height / 2];
    const isInWindow = x >= 0 && x < document.documentElement.clientWidth - 1 && y >= 0 && y < innerHeight - 1;
    // What is cut to a point is for screen readers, or shows itself when it has the focus.
    return width > 2 && height > 2 && isInWindow ? [x, y] : undefined;
  };
  return all('a[href], button, input:not([type=hidden]), select, textarea, summary').filter(isUsable).flatMap((control) => {
    if (scrolls && !middleOf(control)) control.scrollIntoView({ block: 'nearest', behavior: 'instant' });
    const middle = middleOf(control);
    if (middle === undefined || !isUsable(control)) return [];
    const there = atPoint(...middle);
    const isItself = [control, ...(control.labels ?? [])].some((part) => there && part.contains(there));
    const isPublishers = there && embedOf(there) === 'nl-panel' && embedOf(control) === undefined;
    return isItself || isPublishers ? [] : [name(control) + ' is under ' + (there ? name(there) : 'nothing')];
  });
}`;
