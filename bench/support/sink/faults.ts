/** Where in a conversation the built-in sink may go wrong. */
export type SmtpStage = 'mail' | 'rcpt' | 'data' | 'body' | 'dot';

/**
 * What it does there to that share of the messages (0 to 1): `reply` is said instead of a 2xx; without one the connection is
 * dropped. At `dot`, `taken` means the message was taken all the same: the answer is what gets lost.
 */
export type Fault = { stage: SmtpStage; share: number; reply?: string; taken?: boolean };

/** How long it takes to answer a final dot, in milliseconds on average; the message is taken before that. */
export type ReplyDelay = { finalDotMs: number };

export type Faults = readonly Fault[];

/** The fault that hits this time, if one does. */
export function pickFault(behaviour: Faults, stage: SmtpStage): Fault | undefined {
  return behaviour.find((fault) => fault.stage === stage && Math.random() < fault.share);
}
