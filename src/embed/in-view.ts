/** Our forms, of any newsletter: those that the script found, and those of plain HTML. */
const FORMS = '[data-nl],form[action$="/subscriptions"]';

/** The element that each box of ours is in, of any newsletter. */
export const PANEL = 'nl-panel' as 'div';

export function all<Kind extends Element>(selector: string): Kind[] {
  return [...document.querySelectorAll<Kind>(selector)];
}

/** Whether a box of ours is open, or a form of ours in the window. */
export function isOneInView(): boolean {
  return !!document.querySelector(PANEL) || isFormIn();
}

/** Whether any form of ours is in this box, or else in the window. */
export function isFormIn(box = new DOMRect(0, 0, innerWidth, innerHeight)): boolean {
  return all(FORMS).some((form) => isIn(box, form));
}

/** Whether any of the element is in this box. */
export function isIn(box: DOMRect, element: Element): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return left < box.right && right > box.left && top < box.bottom && bottom > box.top;
}
