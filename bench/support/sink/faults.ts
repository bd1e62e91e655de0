/** Where in a conversation the built-in sink may go wrong. */
export type SmtpStage = 'mail' | 'rcpt' | 'data' | 'body' | 'dot';

/**
 * What happens at that stage to a share of the messages (0 to 1): `reply` is sent instead of a 2xx; without one the connection
 * is dropped. At `dot`, `taken` means that the message is taken all the same, and only the reply is lost.
 */
export type Fault = { stage: SmtpStage; share: number; reply?: string; taken?: boolean };

/** How long it takes to answer a final dot, in milliseconds on average; the message is taken before that. */
export type ReplyDelay = { finalDotMs: number };

export type Faults = readonly Fault[];

/** Draws whether a fault happens this time, and which. */
export function pickFault(faults: Faults, stage: SmtpStage): Fault | undefined {
  return faults.find((fault) => fault.stage === stage && Math.random() < fault.share);
}
