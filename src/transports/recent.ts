import type { Answer } from './answer.js';
import type { Heard } from './circuit.js';

/** The last few answers of a server or a domain. Old ones are written over: it never grows. */
export type Recent = {
  /** @param at milliseconds since 1970 */
  hear(domain: string, answer: Answer, at: number): void;
  /** Those not older than an hour, in no order. */
  list(at: number): Heard[];
};

/** Twice as many as tell something: when all goes well and then breaks, half of them are bad after 20. */
const KEPT = 40;
export const HOUR_MS = 3_600_000;

export function createRecent(): Recent {
  const domains: string[] = [];
  const answers: Answer[] = [];
  const times: number[] = [];
  let next = 0;
  return {
    hear: (domain, answer, at) => {
      domains[next] = domain;
      answers[next] = answer;
      times[next] = at;
      next = (next + 1) % KEPT;
    },
    list: (at) =>
      answers.flatMap((answer, which) =>
        (times[which] ?? 0) > at - HOUR_MS ? [{ domain: domains[which] ?? '', answer }] : [],
      ),
  };
}
