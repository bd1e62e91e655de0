import { readSignUpOverview } from '../../../dashboard/sign-up-overview.js';
import { maySeeAddresses, type Role } from '../../../operators/operator.js';
import type { Context } from '../../../platform/context.js';
import { formatDateTime } from '../../../platform/text/format-dates.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import type { Publication } from '../../../publications/publication.js';
import { maskAddress } from '../../../subscribers/address.js';
import type { Attack } from '../../../subscribers/attack/attack.js';
import { describeHeldReason } from '../../../subscribers/sign-up/held.js';
import { buildChart, totalForms } from './sign-up-chart.js';
import type { HeldSignUp } from '../../../subscribers/sign-up/request.js';

type SignUpPageRequest = {
  before: string | undefined;
  /** Of who looks. */
  role: Role;
};

/** What the page about sign-ups shows: those of two days, the held ones, and whether forms ask for proof of work. */
export async function describeSignUpPage(
  context: Pick<Context, 'db' | 'now' | 'templates'>,
  publication: Publication,
  { before, role }: SignUpPageRequest,
): Promise<TemplateData> {
  const { attack, hours, held, reasons, ...page } = await readSignUpOverview(context, publication, before);
  const describe = (reason: string) => describeHeldReason(reason, context.templates.operatorWords);
  return {
    ...page,
    attack: attack === undefined ? null : { ...attack, explanation: describeAttack(attack, publication) },
    chart: buildChart(hours),
    hours: hours.filter((hour) => totalForms(hour) > 0).toReversed(),
    sums: {
      recorded: sum(hours.map(({ recorded }) => recorded)),
      held: sum(hours.map((hour) => hour.held)),
      refused: sum(hours.map(({ refused }) => refused)),
    },
    reasons: reasons.map((one) => ({ ...one, words: describe(one.reason) })),
    held: held.map((one) => ({ ...heldSignUpRow(one, role), reasons: one.reasons.map(describe) })),
    before: before ?? null,
  };
}

function heldSignUpRow({ email, ...held }: HeldSignUp, role: Role) {
  return { ...held, email: maySeeAddresses(role) ? email : maskAddress(email) };
}

function describeAttack(
  { cause, beganAt, forms, refused, usual }: Attack,
  { timezone }: Publication,
): string {
  const since = formatDateTime(beganAt, timezone, 'en');
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
