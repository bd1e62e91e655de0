import type { Context } from '../../platform/context.js';
import type { Challenge } from '../../platform/crypto/proof-of-work.js';
import { domainOf } from '../../platform/mail/address.js';
import type { Publication } from '../../publications/publication.js';
import { isUnderAttack } from '../attack/is-under-attack.js';
import { redeemProof } from '../attack/redeem-proof.js';
import { evidenceOf, type Origin } from '../consent/evidence.js';
import { createSignUpBatcher } from './batcher.js';
import { checkForm, type FormMistake } from './check-form.js';
import { isDisposableDomain } from './disposable-domains.js';
import { readFormTime } from './form-time.js';
import { networkLimits } from './limits.js';
import { createNetworkCounter } from './network-counter.js';
import type { RecordResult } from './record-batch.js';
import type { SignUpForm } from './request.js';
import { assessRisk, type Risk } from './risk.js';

/** `busy`: too many forms wait to be written. Only `recorded` means that anything was kept. */
export type ReceiveResult =
  | RecordResult
  | { kind: 'busy' }
  | { kind: 'mistake'; mistake: FormMistake }
  | { kind: 'proof-needed'; challenge: Challenge };

export type FormReceiver = {
  receive(publication: Publication, form: SignUpForm, origin: Origin): Promise<ReceiveResult>;
  /** Counts a form whose fields do not have the form's shape, so that it never became a `SignUpForm`. */
  countInvalid(publicationId: string): void;
};

type ReceiveContext = Pick<
  Context,
  'db' | 'now' | 'log' | 'links' | 'proofOfWork' | 'checkMailDomain' | 'mailer'
>;

/**
 * Takes sign-up forms: checks what was typed, assesses the risk that a program sent it, and records the request, held for an
 * operator where the risk is high. No step asks what is known of the address, so the result tells nobody who subscribes.
 */
export function createFormReceiver(context: ReceiveContext): FormReceiver {
  const batcher = createSignUpBatcher(context);
  const countFromNetwork = createNetworkCounter(context);

  return {
    async receive(publication, form, origin) {
      const checked = await checkForm(context, form);
      if (checked.kind === 'mistake') {
        batcher.countRefusal(publication.id, checked.mistake.reason);
        return checked;
      }
      const underAttack = await isUnderAttack(context, publication.id);
      if (underAttack && form.proof === 'ask') {
        batcher.countRefusal(publication.id, 'proof-needed');
        const challenge = await context.proofOfWork.createChallenge(publication.id, context.now());
        return { kind: 'proof-needed', challenge };
      }
      const { email } = checked;
      const risk = assessRisk({
        isWithoutProof: underAttack && !(await redeemProof(context, publication.id, form.proof ?? '')),
        localPart: email.slice(0, email.lastIndexOf('@')),
        isDisposable: await isDisposableDomain(domainOf(email)),
        filledInMs: readFormTime(context, publication, form.form),
        signUpsFromNetwork: countFromNetwork(origin.ip),
      });
      return batcher.record({
        request: buildRequest(publication, { ...form, email }, risk, origin),
        networks: networkLimits(origin.ip, context.now()),
      });
    },
    countInvalid(publicationId) {
      batcher.countRefusal(publicationId, 'invalid');
    },
  };
}

function buildRequest(
  publication: Publication,
  { email, locale, timezone, cadence, topics, source }: SignUpForm,
  { points, reasons, held }: Risk,
  origin: Origin,
) {
  return {
    publicationId: publication.id,
    email,
    locale: locale ?? null,
    timezone: timezone ?? null,
    cadence: cadence ?? null,
    topics,
    source: source || null,
    risk: points,
    reasons,
    held,
    ...evidenceOf(publication, origin),
  };
}
