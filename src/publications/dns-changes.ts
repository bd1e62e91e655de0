import { sectionsOf, type CheckResults, type WorseCheck } from './check.js';

type DnsResult = CheckResults['dns'];

/**
 * What was found, with what has become worse: what was right at an earlier look and is wrong, until it is right again. A name
 * server that does not answer, and what cannot be judged from here, change nothing.
 * @param earlier of the same sender; undefined: nobody had looked
 */
export function noteChanges(earlier: DnsResult | undefined, found: DnsResult, now: Date): DnsResult {
  const known = { ...earlier?.known };
  const worse: WorseCheck[] = [];
  for (const { title, checks } of sectionsOf(found))
    for (const { record, name, status, sentence, expected } of checks) {
      const key = `${title} ${record} ${name}`;
      const before = earlier?.worse?.find((one) => one.key === key);
      const isWorse = status === 'bad' && (known[key] === 'good' || before !== undefined);
      if (isWorse)
        worse.push({
          key,
          title,
          record,
          name,
          sentence,
          expected,
          since: before?.since ?? now.toISOString(),
        });
      // What cannot be judged today was worse yesterday, and may still be.
      else if (status === 'look' && before !== undefined) worse.push(before);
      if (status !== 'look') known[key] = status;
    }
  return { ...found, known, worse };
}
