import { needsSmtpUtf8 } from '../../platform/mail/address.js';
import type { Transport } from '../../platform/mail/smtp/mailer.js';

type SmtpUtf8Server = Pick<Transport, 'offersSmtpUtf8' | 'findFault'>;

/**
 * Those servers that addresses beyond ASCII before the @ can be sent through (RFC 6531); asks the ones that are not known yet. Where
 * none can, all of them: its refusal is the answer then.
 */
export async function withSmtpUtf8<Server extends SmtpUtf8Server>(
  servers: readonly Server[],
): Promise<readonly Server[]> {
  const unknown = servers.filter(({ offersSmtpUtf8 }) => offersSmtpUtf8() === undefined);
  await Promise.all(unknown.map(({ findFault }) => findFault()));
  const able = servers.filter(({ offersSmtpUtf8 }) => offersSmtpUtf8() === true);
  // One that did not answer may be able.
  const possible =
    able.length > 0 ? able : servers.filter(({ offersSmtpUtf8 }) => offersSmtpUtf8() !== false);
  return possible.length > 0 ? possible : servers;
}

/** Whether an address is better sent through one of the others: this server is not known to take it, and that one may. */
export function belongsElsewhere(
  address: string,
  server: SmtpUtf8Server,
  others: readonly SmtpUtf8Server[],
): boolean {
  // Asked for each reader: with one server, or a capable one, without a look at her address.
  if (server.offersSmtpUtf8() === true) return false;
  const mayAnother = others.some((other) => other !== server && other.offersSmtpUtf8() !== false);
  return mayAnother && needsSmtpUtf8(address);
}
