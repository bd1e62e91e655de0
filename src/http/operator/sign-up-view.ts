import { readSignUpPage } from '../../dashboard/sign-up-page.js';
import { mayChange, type Operator } from '../../operators/operator.js';
import type { Context } from '../../platform/context.js';
import { momentInWords } from '../../platform/locales.js';
import type { Publication } from '../../publications/publication.js';
import { maskAddress } from '../../subscribers/address.js';
import type { Attack } from '../../subscribers/attack.js';
import { heldReason } from '../../subscribers/held.js';
import type { HeldSignUp } from '../../subscribers/held-reads.js';
import { chartOf, totalOf } from './sign-up-chart.js';

type Asked = {
  before: string | undefined;
  flash: string | null;
  /** Undefined: whoever may run commands on the server. */
  operator: Operator | undefined;
};

/** Sign-ups of two days, what is held, and whether forms ask for work: from figures to words. */
export async function signUpView(
  context: Pick<Context, 'db' | 'now' | 'templates'>,
  publication: Publication,
  { before, flash, operator }: Asked,
): Promise<string> {
  const { attack, hours, held, reasons, ...page } = await readSignUpPage(context, publication, before);
  return context.templates.page('operator-sign-ups', 'en', {
    ...page,
    publication,
    flash,
    signedIn: operator?.email ?? null,
    attack: attack === undefined ? null : { ...attack, says: whatHappened(attack, publication) },
    chart: chartOf(hours),
    hours: hours.filter((hour) => totalOf(hour) > 0).toReversed(),
    sums: {
      recorded: sum(hours.map(({ recorded }) => recorded)),
      held: sum(hours.map((hour) => hour.held)),
      refused: sum(hours.map(({ refused }) => refused)),
    },
    reasons: reasons.map((one) => ({ ...one, words: heldReason(one.reason) })),
    held: held.map((one) => rowOf(one, operator)),
    before: before ?? null,
  });
}

/** Addresses belong to whoever decides on them; who only looks sees whose provider it is. */
function rowOf({ email, reasons, ...held }: HeldSignUp, operator: Operator | undefined) {
  const whole = operator === undefined || mayChange(operator);
  return { ...held, email: whole ? email : maskAddress(email), reasons: reasons.map(heldReason) };
}

function whatHappened({ cause, beganAt, forms, refused, usual }: Attack, { timezone }: Publication): string {
  const since = momentInWords(beganAt, timezone, 'en');
  if (cause === 'by-hand')
    return `It was switched on by hand, ${since}. It stays on until it is switched off.`;
  const came = `It began by itself, ${since}: ${forms.toLocaleString('en')} forms came within ten minutes`;
  if (cause === 'refusals')
    return `${came}, and ${refused.toLocaleString('en')} of them were sent back or named addresses that had been asked often enough.`;
  return `${came}, and usually ${usual < 1 ? 'it is fewer than one' : `about ${Math.round(usual)} do`}.`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
