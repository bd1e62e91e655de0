import { tidyHtml } from './tidy-html.js';

const FIGURE = /<figure(?: [^>]*)?>((?:(?!<\/?figure\b)[^])*)<\/figure>/g;
const CAPTION = /<figcaption(?: [^>]*)?>(?:(?!<\/figcaption>)[^])*<\/figcaption>/g;
const IMAGE = /<img [^>]*>/g;
/** Where a figure of pictures stood; no sanitised HTML has it. */
const REMOVED_MARK = '<gone>';

/**
 * Sanitised HTML without its pictures, for a page that asks nobody else for anything. A figure that was nothing but
 * pictures goes with its caption; what else stood beside a picture stays.
 */
export function removeImages(contentHtml: string): string {
  return tidyHtml(removeImageFigures(contentHtml).replace(IMAGE, ''));
}

/** The innermost go first; a gallery around them is left with a caption, and goes when nothing else is in it. */
function removeImageFigures(html: string): string {
  const next = html.replace(FIGURE, (figure: string, inside: string) => {
    const left = inside.replace(CAPTION, '');
    const hasPictures = left.includes('<img ') || left.includes(REMOVED_MARK);
    return hasPictures && left.replace(/<[^>]*>/g, '').trim() === '' ? REMOVED_MARK : figure;
  });
  return next === html ? html.replaceAll(REMOVED_MARK, '') : removeImageFigures(next);
}
