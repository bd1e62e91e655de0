import { countNoun } from '../platform/text/count-noun.js';

/**
 * Why the log of a mail server does not decide what became of an uncertain mail.
 *
 * - `begun`: the server had begun to take it, and nothing shows yet whether it finished
 * - `held`: a rule of the server's holds such a mail back or throws it away
 * - `begins-late`: the log does not go back to when the mail may have been sent
 * - `lines-lost`: whoever writes the log lost lines since the mail may have been sent
 * - `ends-early`: nothing was logged since the mail became uncertain
 * - `no-times`: a file is damaged, or its times are in a zone that is not this machine's
 * - `no-witness`: no mail that was certainly taken shows that this is the log of its server
 * - `incomplete`: it lacks mails that were certainly taken, so it is another server's, or has holes
 * - `unreadable`: it cannot be read
 */
export const logDoubts = [
  'begun',
  'held',
  'begins-late',
  'lines-lost',
  'ends-early',
  'no-times',
  'no-witness',
  'incomplete',
  'unreadable',
] as const;

export type LogDoubt = (typeof logDoubts)[number];

/** Ends with a full stop. */
const sentences: Readonly<Record<LogDoubt, string>> = {
  begun: 'The server had begun to take it, and its log does not show yet whether it finished.',
  held: 'A rule of the server’s holds it back or throws it away: its own queue shows which.',
  'begins-late': 'The log does not go back to when it may have been sent.',
  'lines-lost': 'The log has lost lines since it may have been sent.',
  'ends-early': 'The log has no line from after it became unclear.',
  'no-times': 'A file of the log is damaged, or its times are in another zone than this machine’s.',
  'no-witness': 'The log shows no mail that was certainly taken, so it may be another server’s.',
  incomplete: 'The log lacks mails that were certainly taken: it is another server’s, or has holes.',
  unreadable: 'The log cannot be read.',
};

export function describeLogDoubt(doubt: LogDoubt): string {
  return sentences[doubt];
}

/** How many mails the log does not decide, and why: a sentence for each reason. */
export function describeLogDoubts(doubts: readonly { doubt: LogDoubt; count: number }[]): string[] {
  return doubts.map(({ doubt, count }) => `${countNoun(count, 'mail')}: ${describeLogDoubt(doubt)}`);
}
