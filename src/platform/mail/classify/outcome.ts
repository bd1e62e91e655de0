/**
 * What became of one message to one recipient. `reply` is the server's own words, or ours where there was no server.
 * Only `rejected` blames the reader's address; `sender-fault` is about us and never counts against her.
 */
export type Outcome =
  | { kind: 'accepted'; reply: string; providerMessageId?: string }
  /** Try again later: 4xx, or a 5xx that describes the mailbox's present state. `isServerWide`: whoever the recipient is. */
  | { kind: 'deferred'; reply: string; isServerWide?: true }
  /** The address is bad for good. */
  | { kind: 'rejected'; reply: string }
  /** This mailbox takes no mail of ours by a rule of its own. The address is good, and no later try helps. */
  | { kind: 'refused'; reply: string }
  /** 5xx about our server, our domain or this message. `isServerWide`: whoever the recipient is. */
  | { kind: 'sender-fault'; reply: string; isServerWide?: true }
  /** Lost before the final dot: certainly not accepted. */
  | { kind: 'not-sent'; reply: string }
  /** The final dot went out and no reply, or a garbled one, came back. */
  | { kind: 'uncertain'; reply: string }
  /** `SendRequest.message` or `beforeFinalDot` called it off: certainly not accepted. */
  | { kind: 'withdrawn' };

/** For an exception of our own, thrown by `SendRequest.message` or `beforeFinalDot`. */
export function errorToOutcome(error: unknown): Outcome {
  const reason = error instanceof Error ? error.message : String(error);
  return { kind: 'not-sent', reply: `Stopped before the final dot: ${reason}` };
}
