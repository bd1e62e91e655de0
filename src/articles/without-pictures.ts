import { tidyHtml } from './tidy-html.js';

/** Sanitised HTML without its pictures, for a page that asks nobody else for anything. What stood under them stays. */
export function withoutPictures(contentHtml: string): string {
  return tidyHtml(contentHtml.replace(/<img [^>]*>/g, ''));
}
