import { toDnsCheck, type DnsCheck } from './dns-check.js';
import type { SendingServer } from './sending-servers.js';

/** Whether mail to one of our servers can be read on the way (RFC 3207 section 6, RFC 8314). By what SMTP_URL says. */
export function judgeTls({ host, isLocal, requiresTls }: SendingServer): DnsCheck {
  const where = { record: 'tls', type: 'TLS', name: host } as const;
  if (requiresTls)
    return toDnsCheck(where, { status: 'good', sentence: 'Nothing is sent to it without TLS.' });
  if (isLocal)
    return toDnsCheck(where, { status: 'good', sentence: 'It is on this machine or in its network.' });
  return toDnsCheck(where, {
    status: 'look',
    sentence:
      'TLS is used where the server offers it: whoever stands in between can take the offer away, and read mail and password.',
    expected: 'requireTLS=true in SMTP_URL, or smtps://',
  });
}
