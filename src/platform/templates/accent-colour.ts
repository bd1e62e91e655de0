/** A publication's colour in readable shades for light and for dark backgrounds, for text and as a background of text. */
export type Accent = { light: string; dark: string };

/** Of pages and mails. */
export const LIGHT_BACKGROUND = '#fbfaf7';
export const DARK_BACKGROUND = '#171614';
const DEFAULT_ACCENT: Accent = { light: '#9a3412', dark: '#fb923c' };
/** For text of any size (WCAG 2.2, 1.4.3). */
const MIN_CONTRAST = 4.5;

type Colour = [red: number, green: number, blue: number];

/**
 * The readable shades nearest to a colour: darkened for light backgrounds, lightened for dark ones, no more than necessary.
 * White text on the first and dark text on the second are readable too.
 * @param colour `#rrggbb`; absent: our own
 */
export function accentFor(colour: string | null | undefined): Accent {
  if (!colour) return DEFAULT_ACCENT;
  return {
    light: readableShade(colour, LIGHT_BACKGROUND, '#000000'),
    dark: readableShade(colour, DARK_BACKGROUND, '#ffffff'),
  };
}

/** The contrast ratio of two colours, from 1 to 21 (WCAG 2.2). */
export function contrastRatio(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(parseColour(one)), luminance(parseColour(other))].toSorted(
    (a, b) => a - b,
  );
  return (lighter + 0.05) / (darker + 0.05);
}

function readableShade(colour: string, paper: string, towards: string): string {
  for (let percent = 0; percent < 100; percent += 1) {
    const shade = mixColours(colour, towards, percent / 100);
    if (contrastRatio(shade, paper) >= MIN_CONTRAST) return shade;
  }
  return towards;
}

function mixColours(colour: string, towards: string, share: number): string {
  const goal = parseColour(towards);
  const channels = parseColour(colour).map((channel, at) => channel + ((goal[at] ?? 0) - channel) * share);
  return `#${channels.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}

function parseColour(colour: string): Colour {
  const bits = Number.parseInt(colour.slice(1), 16);
  return [bits >> 16, (bits >> 8) & 255, bits & 255];
}

/** Relative luminance (WCAG 2.2). */
function luminance(colour: Colour): number {
  const [red, green, blue] = colour.map((channel) => linearise(channel / 255)) as Colour;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linearise(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
