import { tidyHtml } from './tidy-html.js';

const FIGURE = /<figure(?: [^>]*)?>((?:(?!<\/?figure\b)[^])*)<\/figure>/g;
const CAPTION = /<figcaption(?: [^>]*)?>(?:(?!<\/figcaption>)[^])*<\/figcaption>/g;
const PICTURE = /<img [^>]*>/g;

/**
 * Sanitised HTML without its pictures, for a page that asks nobody else for anything. A figure that was nothing but
 * pictures goes with its caption; what else stood beside a picture stays.
 */
export function withoutPictures(contentHtml: string): string {
  const figures = contentHtml.replace(FIGURE, (figure: string, inside: string) => {
    const left = inside.replace(CAPTION, '');
    const isOnlyPictures = left.includes('<img ') && left.replace(/<[^>]*>/g, '').trim() === '';
    return isOnlyPictures ? '' : figure;
  });
  return tidyHtml(figures.replace(PICTURE, ''));
}
