import { HOUR_MS, SECOND_MS } from '../../platform/durations.js';
import { mailboxProviderOf } from '../../platform/mail/mailbox-provider.js';
import type { CircuitGate } from '../circuits/circuit-gate.js';
import { describeRates } from './rates.js';
import { isInForce, type ProviderLimit } from './reads.js';

/** Of a chunk, which is about a second's mail of one worker to one server. */
const SLOW_MESSAGES = 5;
const SLOW_WAIT_MS = SECOND_MS;

/** A digest waits so long until it is asked again whether its mail may go. */
const PAUSED_RECHECK_MS = HOUR_MS / 4;

/** The same gate, by which the mailboxes of a provider get mail slowly, or none for now. Single mails pass no gate. */
export function limitProviders(gate: CircuitGate, limits: readonly ProviderLimit[], now: Date): CircuitGate {
  const inForce = new Map<string, ProviderLimit>(
    limits.filter((limit) => isInForce(limit, now)).map((limit) => [limit.provider, limit]),
  );
  if (inForce.size === 0) return gate;
  const used = new Map<string, number>();
  const admit: CircuitGate['admit'] = (domain) => {
    const limit = inForce.get(mailboxProviderOf(domain) ?? '');
    if (limit === undefined) return gate.admit(domain);
    const { provider, state } = limit;
    const count = used.get(provider) ?? 0;
    if (state === 'slow' && count < SLOW_MESSAGES) {
      used.set(provider, count + 1);
      return gate.admit(domain);
    }
    const until = new Date(now.getTime() + (state === 'slow' ? SLOW_WAIT_MS : PAUSED_RECHECK_MS));
    const does = state === 'slow' ? 'gets mail slowly' : 'gets no digests for now';
    const reason = `${provider} ${does}: ${describeRates(limit)}.`;
    return { until, circuit: { domain, kind: 'throttled', reason } };
  };
  return { ...gate, admit };
}
