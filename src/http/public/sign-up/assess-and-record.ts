import type { Request } from 'express';
import type { Context } from '../../../platform/context.js';
import { domainOf } from '../../../platform/mail/address.js';
import type { Challenge } from '../../../platform/crypto/proof-of-work.js';
import type { Publication } from '../../../publications/publication.js';
import { redeemProof } from '../../../subscribers/attack/redeem-proof.js';
import { isUnderAttack } from '../../../subscribers/attack/attack.js';
import { isDisposableDomain } from '../../../subscribers/sign-up/disposable-domains.js';
import { evidenceOf } from '../../../subscribers/consent/evidence.js';
import type { RecordResult } from '../../../subscribers/sign-up/record-batch.js';
import { assessRisk, type Risk } from '../../../subscribers/sign-up/risk.js';
import type { SignUpBatcher } from '../../../subscribers/sign-up/batcher.js';
import { signUpLimits } from '../../middleware/network-limit.js';
import { createNetworkCounter } from '../../middleware/network-counter.js';
import { readFormTime } from './form-time.js';
import type { SignUpForm } from './form-schema.js';

type ReceiveContext = Pick<Context, 'db' | 'now' | 'links' | 'proofOfWork'>;

/** A form that has passed every check of what is typed into it. */
export type CheckedForm = { req: Request; publication: Publication; form: SignUpForm; email: string };

export type ReceiveResult = RecordResult | { kind: 'busy' } | { kind: 'proof-needed'; challenge: Challenge };

/** Weighs what came and has it recorded; what is held is recorded too. Nothing here asks what is known of the address (S33). */
export function createSignUpReceiver(
  context: ReceiveContext,
  desk: SignUpBatcher,
): (checked: CheckedForm) => Promise<ReceiveResult> {
  const fromNetwork = createNetworkCounter(context);
  return async (checked) => {
    const { req, publication, form, email } = checked;
    const underAttack = await isUnderAttack(context, publication.id);
    if (underAttack && form.proof === 'ask')
      return {
        kind: 'proof-needed',
        challenge: await context.proofOfWork.createChallenge(publication.id, context.now()),
      };
    const unproved = underAttack && !(await redeemProof(context, publication.id, form.proof ?? ''));
    const risk = assessRisk({
      localPart: email.slice(0, email.lastIndexOf('@')),
      isDisposable: await isDisposableDomain(domainOf(email)),
      filledInMs: readFormTime(context, publication, form.form),
      signUpsFromNetwork: fromNetwork(req.ip),
      isWithoutProof: unproved,
    });
    return desk.record({
      request: buildRequest(checked, risk),
      networks: signUpLimits(req.ip, context.now()),
    });
  };
}

function buildRequest({ req, publication, form, email }: CheckedForm, { points, reasons, held }: Risk) {
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
