/**
 * What became of one message to one recipient. `reply` is the server's text, or ours where no server replied. Only `rejected`
 * counts against the reader's address.
 */
export type Outcome =
  | { kind: 'accepted'; reply: string; providerMessageId?: string }
  /** Try again later: 4xx, or a 5xx that describes the mailbox's present state. `isServerWide`: whoever the recipient is. */
  | { kind: 'deferred'; reply: string; isServerWide?: true }
  /** The address is bad permanently. */
  | { kind: 'rejected'; reply: string }
  /** This mailbox takes no mail of ours by a rule of its own. The address is good, and no later try helps. */
  | { kind: 'refused'; reply: string }
  /** 5xx about our server, our domain or this message. `isServerWide`: whoever the recipient is. */
  | { kind: 'sender-fault'; reply: string; isServerWide?: true }
  /** No connection could be opened (host, TLS, greeting or login), so that no message was begun: about the whole server. */
  | { kind: 'unreachable'; reply: string }
  /** The connection was lost before the final dot: certainly not accepted. */
  | { kind: 'not-sent'; reply: string }
  /** The final dot went out and no reply, or a garbled one, came back. */
  | { kind: 'uncertain'; reply: string }
  /** `SendRequest.message` or `beforeFinalDot` withdrew it: certainly not accepted. */
  | { kind: 'withdrawn' };

/** The outcome of an exception that `SendRequest.message` or `beforeFinalDot` threw. */
export function errorToOutcome(error: unknown): Outcome {
  const reason = error instanceof Error ? error.message : String(error);
  return { kind: 'not-sent', reply: `Stopped before the final dot: ${reason}` };
}
