/** Languages whose blogs write dates in words. Croatian is not among them: its listopad is October, elsewhere November. */
const LANGUAGES = 'en de fr es it pt nl sv da nb fi pl cs sk sl ru uk tr id el hu ro et lv lt ca eu sw'.split(
  ' ',
);
const FORMATS: Intl.DateTimeFormatOptions[] = [
  { month: 'long' },
  { month: 'short' },
  { month: 'long', day: 'numeric' },
  { month: 'short', day: 'numeric' },
];
const ENGLISH = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

let monthTable: Map<string, number> | undefined;

/** 1 to 12 for the name of a month, in full or cut short, in English or another language; 0 for any other word. */
export function monthNumber(word: string): number {
  const english = ENGLISH.indexOf(word.slice(0, 3).toLowerCase()) + 1;
  // Most dates are English: others pay for the table with their first.
  if (english > 0 && /^[a-z]{3}$/i.test(word)) return english;
  monthTable ??= buildMonthTable();
  return monthTable.get(normaliseWord(word)) ?? english;
}

function buildMonthTable(): Map<string, number> {
  const names = new Map<string, number>();
  for (const language of LANGUAGES) {
    for (const shape of FORMATS) {
      const format = new Intl.DateTimeFormat(language, { ...shape, timeZone: 'UTC' });
      for (let month = 1; month <= 12; month += 1) {
        const parts = format.formatToParts(Date.UTC(2026, month - 1, 9));
        const name = normaliseWord(parts.find(({ type }) => type === 'month')?.value ?? '');
        if (/^\p{L}{3,}$/u.test(name) && !names.has(name)) names.set(name, month);
      }
    }
  }
  return names;
}

/** Small letters without accents and dots. */
function normaliseWord(word: string): string {
  return word
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\p{M}.]/gu, '');
}
