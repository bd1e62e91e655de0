/** What a subject of the publisher's own wording may name; each stands in braces. */
export const subjectNames = ['first', 'more', 'count', 'newsletter', 'date'] as const;

/** `{first}`, `{First}`, `{x y}`: also what is none of ours, so that a slip is told. */
const PLACEHOLDER = /\{([^{}]*)\}/g;
/** Left out where there is one article. */
const FOR_SEVERAL = /\[([^[\]]*)\]/g;

/** What a template names that is none of ours; undefined: nothing. */
export function findUnknownName(template: string): string | undefined {
  const names: readonly string[] = subjectNames;
  return [...template.matchAll(PLACEHOLDER)]
    .map(([, name = '']) => name)
    .find((name) => !names.includes(name));
}

/** Whether the subject begins with, or has, the first title: then what follows it in an inbox are the others. */
export function namesFirst(template: string): boolean {
  return template.includes('{first}');
}

/** @param values what stands for each name; `more` of them '0': what is in brackets is left out */
export function fillSubjectTemplate(
  template: string,
  values: Readonly<Record<(typeof subjectNames)[number], string>>,
): string {
  const words = template.replaceAll(FOR_SEVERAL, (_, inside: string) => (values.more === '0' ? '' : inside));
  return words
    .replaceAll(PLACEHOLDER, (whole, name: string) =>
      Object.hasOwn(values, name) ? values[name as keyof typeof values] : whole,
    )
    .replaceAll(/\s+/g, ' ')
    .trim();
}
