import { createMailDns, type MailDns } from '../platform/mail/dns/records.js';
import { CliError } from './cli-error.js';

/** The option of commands that ask the DNS. */
export const NAME_SERVER_OPTION = [
  '--dns <address>',
  'the name server to ask, as address or address:port, instead of the system’s',
] as const;

/** Of the name server that was given, else of the system's. */
export function openNameServer(server: string | undefined): MailDns {
  try {
    return createMailDns(server === undefined ? undefined : [server]);
  } catch {
    throw new CliError(`--dns takes an IP address, or one with a port; this is neither: ${server}`, 2);
  }
}
