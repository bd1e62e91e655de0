import { hash } from 'node:crypto';
import ipaddr from 'ipaddr.js';

/** A hash to count a network by. It changes daily, so that a table of counts does not show for long who came from where. */
export function hashNetwork(network: string, now: Date): string {
  const day = now.toISOString().slice(0, 10);
  return hash('sha256', `${day} ${network}`, 'base64url');
}

/**
 * The network that one connection has to itself: an IPv4 address, or an IPv6 /64 (RFC 6177). An IPv4-mapped IPv6 address
 * counts as the IPv4 address. Any text that is no address gives `unknown`.
 */
export function networkOf(ip: string | undefined): string {
  if (ip === undefined || !ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return address.toByteArray().slice(0, 8).join('.');
}

/**
 * The /24 of an IPv4 address, the /48 of an IPv6 /64.
 * @param network as `networkOf` returns it
 */
export function widerNetworkOf(network: string): string {
  const parts = network.split('.');
  return parts.slice(0, parts.length === 8 ? 6 : 3).join('.');
}
