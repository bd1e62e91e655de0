// Run in a network namespace of its own: the name server of the world, and the mail server of example.net.
import { startDnsServer } from '../support/dns-server.js';
import { startSmtpServer } from '../support/smtp-server.js';

export type FromParent = { kind: 'publish'; name: string; strings: string[] };
export type FromInternet = { kind: 'ready' } | { kind: 'mail'; raw: string };

process.on('disconnect', () => process.exit(0));
process.once('message', () => void start());

async function start(): Promise<void> {
  const dns = await startDnsServer({ host: '192.0.2.2', port: 53 });
  const host = (address: string) => ({ A: [address] });
  dns.hosts.set('news.example.com', host('192.0.2.1'));
  dns.hosts.set('acme-v02.api.letsencrypt.org', host('192.0.2.2'));
  dns.hosts.set('mx.example.net', host('192.0.2.2'));
  dns.hosts.set('example.net', { MX: [{ preference: 10, exchange: 'mx.example.net' }] });
  process.on('message', ({ name, strings }: FromParent) => dns.records.set(name, [strings]));
  const smtp = await startSmtpServer({ host: '192.0.2.2', port: 25 });
  send({ kind: 'ready' });
  for (let count = 1; ; count++) {
    const messages = await smtp.waitForMessages(count, 3_600_000);
    send({ kind: 'mail', raw: messages[count - 1]?.raw.toString('latin1') ?? '' });
  }
}

function send(message: FromInternet): void {
  process.send?.(message);
}
