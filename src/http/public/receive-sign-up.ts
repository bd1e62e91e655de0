import type { Request } from 'express';
import type { Context } from '../../platform/context.js';
import { domainOf } from '../../platform/mail/address.js';
import type { Challenge } from '../../platform/proof-of-work.js';
import type { Publication } from '../../publications/publication.js';
import { acceptProof } from '../../subscribers/accept-proof.js';
import { isUnderAttack } from '../../subscribers/attack.js';
import { isDisposable } from '../../subscribers/disposable.js';
import { evidenceOf } from '../../subscribers/evidence.js';
import type { Recorded } from '../../subscribers/record-batch.js';
import { riskOf, type Risk } from '../../subscribers/risk.js';
import type { SignUpDesk } from '../../subscribers/sign-up-desk.js';
import { signUpLimits } from '../network-limit.js';
import { createNetworkTally } from '../network-tally.js';
import { readFormTime } from './form-time.js';
import type { Form } from './sign-up-form.js';

type ReceiveContext = Pick<Context, 'db' | 'now' | 'links' | 'proofs'>;

/** A form that has passed every check of what is typed into it. */
export type Checked = { req: Request; publication: Publication; form: Form; email: string };

export type Received = Recorded | { kind: 'busy' } | { kind: 'proof-needed'; challenge: Challenge };

/** Weighs what came and has it recorded; what is held is recorded too. Nothing here asks what is known of the address (S33). */
export function createReceiver(
  context: ReceiveContext,
  desk: SignUpDesk,
): (checked: Checked) => Promise<Received> {
  const fromNetwork = createNetworkTally(context);
  return async (checked) => {
    const { req, publication, form, email } = checked;
    const underAttack = await isUnderAttack(context, publication.id);
    if (underAttack && form.proof === 'ask')
      return { kind: 'proof-needed', challenge: await context.proofs.ask(publication.id, context.now()) };
    const unproved = underAttack && !(await acceptProof(context, publication.id, form.proof ?? ''));
    const risk = riskOf({
      localPart: email.slice(0, email.lastIndexOf('@')),
      disposable: await isDisposable(domainOf(email)),
      filledInMs: readFormTime(context, publication, form.form),
      fromNetwork: fromNetwork(req.ip),
      unproved,
    });
    return desk.record({ request: requestOf(checked, risk), networks: signUpLimits(req.ip, context.now()) });
  };
}

function requestOf({ req, publication, form, email }: Checked, { points, reasons, held }: Risk) {
  return {
    publicationId: publication.id,
    email,
    locale: form.locale ?? null,
    timezone: form.timezone ?? null,
    cadence: form.cadence ?? null,
    topics: form.topics,
    source: form.source || null,
    risk: points,
    reasons,
    held,
    ...evidenceOf(publication, { ip: req.ip, agent: req.get('user-agent') }),
  };
}
