import { z } from 'zod';

/** When the script's prompt comes: attributes of its tag (see `src/embed/prompt.ts`). */
export type PromptRules = {
  prompt: 'none' | 'slide-in' | 'dialog';
  afterSeconds: number;
  afterScroll: number;
  fromArticle: number;
  everyDays: number;
  atMost: number;
  /** The words of the button in the corner; empty: no button. */
  button: string;
};

type NumberRule = 'afterSeconds' | 'afterScroll' | 'fromArticle' | 'everyDays' | 'atMost';

/** What the script does when the tag does not say. */
const USUAL: Readonly<Record<NumberRule, number>> = {
  afterSeconds: 30,
  afterScroll: 90,
  fromArticle: 2,
  everyDays: 30,
  atMost: 3,
};

/** The fields of the form that chooses them. */
export const promptFields: readonly { name: NumberRule; label: string; most: number }[] = [
  { name: 'afterSeconds', label: 'Seconds on the article', most: 3600 },
  { name: 'afterScroll', label: 'Percent of it that were reached', most: 100 },
  { name: 'fromArticle', label: 'From which article on', most: 100 },
  { name: 'everyDays', label: 'Days between two prompts', most: 3650 },
  { name: 'atMost', label: 'Prompts a reader ever sees', most: 100 },
];

export type ReadRules = {
  rules: PromptRules;
  /** What stands in the fields: as it was typed. */
  typed: Readonly<Record<string, string>>;
  mistakes: { name: string; words: string }[];
};

const promptSchema = z.enum(['none', 'slide-in', 'dialog']).catch('none');
const buttonSchema = z
  .string()
  .trim()
  .max(60)
  .regex(/^[^"<>&\p{Cc}]*$/u);

/** From the query of the page. What cannot be used is told, and the usual rule is shown. */
export function readPromptRules(query: Readonly<Record<string, unknown>>): ReadRules {
  const mistakes: ReadRules['mistakes'] = [];
  const typed: Record<string, string> = {};
  const numbers: Record<NumberRule, number> = { ...USUAL };
  for (const { name, label, most } of promptFields) {
    const text = textOf(query[name]) ?? `${USUAL[name]}`;
    typed[name] = text;
    const isWhole = /^\d{1,5}$/.test(text) && Number(text) <= most;
    if (isWhole) numbers[name] = Number(text);
    else mistakes.push({ name, words: `${label} is a whole number from 0 to ${most}.` });
  }
  typed['button'] = textOf(query['button']) ?? '';
  const button = buttonSchema.safeParse(typed['button']);
  if (!button.success)
    mistakes.push({
      name: 'button',
      words: 'Words of the button are at most 60 characters, without quotes and angle brackets.',
    });
  const prompt = promptSchema.parse(query['prompt']);
  return { rules: { prompt, ...numbers, button: button.data ?? '' }, typed, mistakes };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim().slice(0, 200) : undefined;
}

const attributeNames: Readonly<Record<NumberRule, string>> = {
  afterSeconds: 'data-after-seconds',
  afterScroll: 'data-after-scroll',
  fromArticle: 'data-from-article',
  everyDays: 'data-every-days',
  atMost: 'data-at-most',
};

/** The script tag with what differs from what it does by itself. */
export function withPromptRules(snippet: string, { prompt, button, ...numbers }: PromptRules): string {
  const attributes = [
    ...(prompt === 'none' ? [] : [`data-prompt="${prompt}"`, ...changedNumbers(numbers)]),
    ...(button === '' ? [] : [`data-button="${button}"`]),
  ];
  const added = attributes.map((attribute) => `\n  ${attribute}`).join('');
  return snippet.replace(/"><\/script>/, () => `"${added}></script>`);
}

function changedNumbers(numbers: Readonly<Record<NumberRule, number>>): string[] {
  return promptFields.flatMap(({ name }) =>
    numbers[name] === USUAL[name] ? [] : [`${attributeNames[name]}="${numbers[name]}"`],
  );
}

/** The rules as sentences for an operator. */
export function describePromptRules(rules: PromptRules): string[] {
  const { prompt, afterSeconds, afterScroll, fromArticle, everyDays, atMost, button } = rules;
  const buttonSentence =
    button === '' ? [] : [`A button in the corner, “${button}”, opens the form whenever somebody wants it.`];
  if (prompt === 'none') return ['No prompt comes: the form stands where you put it.', ...buttonSentence];
  return [
    prompt === 'slide-in'
      ? 'A form slides in beside the text, and takes no focus.'
      : 'A form comes over the text, and only on wide screens.',
    `It comes once a reader has been on an article for ${afterSeconds} seconds and has reached ${afterScroll} percent of it${fromArticle > 1 ? `, from the article number ${fromArticle} that she opens on` : ''}.`,
    `She sees it at most ${atMost === 1 ? 'once' : `${atMost} times`}${atMost === 1 ? '' : `, and not again within ${everyDays} days`}.`,
    'Who subscribed, came from one of your emails, or pressed “Don’t ask again” is never asked; nor is one who is typing, has text selected, plays a video, saves data or blocks storage.',
    ...buttonSentence,
  ];
}
