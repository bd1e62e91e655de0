import { parseAddress } from '../../subscribers/address.js';
import type { IncomingEvent } from '../event.js';

/** An event, and the address that it names, as addresses are compared; undefined: it names none. */
export type NamedEvent = { event: IncomingEvent; recipientKey: string | undefined };

export function nameEvent(event: IncomingEvent): NamedEvent {
  if (event.recipient === undefined) return { event, recipientKey: undefined };
  const parsed = parseAddress(event.recipient);
  return { event, recipientKey: parsed.kind === 'malformed' ? undefined : parsed.address.key };
}
