/** Where in a conversation the built-in sink may go wrong. */
export type Stage = 'mail' | 'rcpt' | 'data' | 'body' | 'dot';

/**
 * What it does there to that share of the messages (0 to 1): `reply` is said instead of a 2xx; without one the connection is
 * dropped. At `dot`, `taken` means the message was taken all the same: the answer is what gets lost.
 */
export type Fault = { stage: Stage; share: number; reply?: string; taken?: boolean };

/** How long it takes to answer a final dot, in milliseconds on average; the message is taken before that. */
export type Slowness = { dotMs: number };

export type Misbehaviour = readonly Fault[];

/** The fault that hits this time, if one does. */
export function faultAt(behaviour: Misbehaviour, stage: Stage): Fault | undefined {
  return behaviour.find((fault) => fault.stage === stage && Math.random() < fault.share);
}
