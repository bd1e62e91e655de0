/** A publication's colour as it can stand on light and on dark paper, for words as well as behind them. */
export type Accent = { light: string; dark: string };

const LIGHT_BACKGROUND = '#fbfaf7';
const DARK_BACKGROUND = '#171614';
const DEFAULT_ACCENT: Accent = { light: '#9a3412', dark: '#fb923c' };
/** WCAG 2.2, 1.4.3: words of any size. */
const MIN_CONTRAST = 4.5;

type Colour = [red: number, green: number, blue: number];

/**
 * The shades nearest to a colour that can be read: darkened for light paper, lightened for dark, by no more than needed.
 * White words on the first and ink on the second can be read too.
 * @param colour `#rrggbb`; ours when there is none
 */
export function accentFor(colour: string | null | undefined): Accent {
  if (!colour) return DEFAULT_ACCENT;
  return { light: readableShade(colour, LIGHT_BACKGROUND, '#000000'), dark: readableShade(colour, DARK_BACKGROUND, '#ffffff') };
}

/** WCAG 2.2 contrast ratio of two colours, 1 to 21. */
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

/** Relative luminance, WCAG 2.2. */
function luminance(colour: Colour): number {
  const [red, green, blue] = colour.map((channel) => linearise(channel / 255)) as Colour;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linearise(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
