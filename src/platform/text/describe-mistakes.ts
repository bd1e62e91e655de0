import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

/**
 * What is wrong with some input, each mistake in words about its field: `title: is missing`. Words that a schema gives of its
 * own are used as they are; all others are made here, so that nobody reads those of the validator.
 * @param whole what the input is called where a mistake is of no field: `The body`
 */
export function describeMistakes<Parsed>(
  schema: z.ZodType<Parsed>,
  input: unknown,
  whole: string,
): { data: Parsed; mistakes?: never } | { data?: never; mistakes: string[] } {
  const parsed = schema.safeParse(input, { error: mistakeWords });
  if (parsed.success) return { data: parsed.data };
  const mistakes = parsed.error.issues.map(({ path, message }) => {
    if (path.length === 0) return `${whole} ${message}`;
    return `${path.join('.')}: ${valueAt(input, path) === undefined ? 'is missing' : message}`;
  });
  return { mistakes: [...new Set(mistakes)] };
}

/** To be given to zod as `error`. */
export function mistakeWords(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : typeWords(issue.expected);
    case 'invalid_value':
      return `is not ${listOf(issue.values.map((value) => JSON.stringify(value)))}`;
    case 'invalid_format':
      return FORMAT_WORDS[issue.format] ?? 'is not written as it has to be';
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum), issue.inclusive ?? true);
    case 'too_big':
      return tooBig(issue.origin, Number(issue.maximum), issue.inclusive ?? true);
    case 'not_multiple_of':
      return issue.divisor === 1 ? 'is not a whole number' : `is not a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `has what is not known here: ${issue.keys.join(', ')}`;
    case 'invalid_union':
      return unionWords(issue.errors);
    case 'invalid_key':
      return 'has a name that it may not have';
    case 'invalid_element':
      return 'has something in it that it may not have';
    case 'custom':
      return 'is not valid';
  }
}

const TYPE_WORDS: Record<string, string> = {
  string: 'is not text',
  number: 'is not a number',
  int: 'is not a whole number',
  boolean: 'is not true or false',
  array: 'is not a list',
  object: 'is not an object',
  record: 'is not an object',
  date: 'is not a date',
  null: 'is not null',
};

function typeWords(expected: string): string {
  return TYPE_WORDS[expected] ?? 'is not of the right kind';
}

const FORMAT_WORDS: Record<string, string> = {
  url: 'is not a web address like https://example.com/page',
  email: 'is not a mail address',
  uuid: 'is not an id',
  datetime: 'is not a time like 2026-11-30T07:00:00Z, with its zone',
  date: 'is not a date like 2026-11-30',
};

function tooSmall(origin: string, minimum: number, isInclusive: boolean): string {
  if (origin === 'string') return minimum === 1 ? 'is empty' : `is shorter than ${minimum} characters`;
  if (origin === 'array') return minimum === 1 ? 'is empty' : `has fewer than ${minimum}`;
  return isInclusive ? `is less than ${minimum}` : `is not more than ${minimum}`;
}

function tooBig(origin: string, maximum: number, isInclusive: boolean): string {
  if (origin === 'string') return `is longer than ${maximum} characters`;
  if (origin === 'array') return `has more than ${maximum}`;
  return isInclusive ? `is more than ${maximum}` : `is not less than ${maximum}`;
}

/** Of several forms the one that was tried: the only one that is wrong further in. Else what all of them are. */
function unionWords(forms: readonly (readonly z.core.$ZodIssue[])[]): string {
  const tried = forms.filter((issues) =>
    issues.some(({ code, path }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  const [form] = tried;
  if (form === undefined || tried.length > 1)
    return forms.flatMap((issues) => issues.slice(0, 1).map(formWords)).join(' and ');
  return form
    .map((issue) => `${issue.path.length === 0 ? '' : `its ${issue.path.join('.')} `}${formWords(issue)}`)
    .join(', ');
}

/** Issues within a form come without the input. */
function formWords(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_type' ? typeWords(issue.expected) : mistakeWords(issue as Issue);
}

/** `a`; `a or b`; `a, b or c`. */
function listOf(values: readonly string[]): string {
  const last = values.at(-1) ?? '';
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}
