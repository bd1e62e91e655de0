import { accentFor } from '../platform/templates/accent-colour.js';

const NAME = /^accent-([0-9a-f]{6})\.css$/;

/**
 * The style sheet `accent-1d4ed8.css`: a publication's colour for its readers' pages, in a readable shade for light and for
 * dark backgrounds. The colour is in the name, so the sheet may be cached for ever. Undefined for every other name.
 */
export function accentSheet(file: string): { type: string; body: string } | undefined {
  const colour = NAME.exec(file)?.[1];
  if (colour === undefined) return undefined;
  const { light, dark } = accentFor(`#${colour}`);
  const body =
    `:root{--accent:${light};--accent-strong:color-mix(in srgb,${light} 80%,#000)}` +
    `@media (prefers-color-scheme:dark){:root{--accent:${dark};--accent-strong:color-mix(in srgb,${dark} 80%,#fff)}}\n`;
  return { type: 'css', body };
}
