const themes = ['light', 'dark'] as const;

/** The colours a form keeps, whatever the reader's device prefers: for sites that have only one paper. */
export type Theme = (typeof themes)[number];

/** Undefined: as the device prefers. */
export function readTheme(text: unknown): Theme | undefined {
  return themes.find((theme) => theme === text);
}

/** A style sheet whose rules for a dark device hold always, or never. */
export function applyTheme(css: string, theme: Theme | undefined): string {
  if (theme === undefined) return css;
  return css.replaceAll('(prefers-color-scheme:dark)', theme === 'dark' ? '(min-width:0)' : '(max-width:0)');
}
