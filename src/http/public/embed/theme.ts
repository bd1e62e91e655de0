const themes = ['light', 'dark'] as const;

/** Colours that do not follow the reader's device, for sites that are always light or always dark. */
export type Theme = (typeof themes)[number];

/** Undefined: the form follows the device (`prefers-color-scheme`). */
export function readTheme(text: unknown): Theme | undefined {
  return themes.find((theme) => theme === text);
}

/** A style sheet whose rules for dark devices apply always (`dark`) or never (`light`). */
export function applyTheme(css: string, theme: Theme | undefined): string {
  if (theme === undefined) return css;
  return css.replaceAll('(prefers-color-scheme:dark)', theme === 'dark' ? '(min-width:0)' : '(max-width:0)');
}
