import { hash } from 'node:crypto';
import ipaddr from 'ipaddr.js';

/** A key to count a network by. It changes daily, so that no table says for long who came from where. */
export function hashNetwork(network: string, now: Date): string {
  const day = now.toISOString().slice(0, 10);
  return hash('sha256', `${day} ${network}`, 'base64url');
}

/**
 * What one connection has to itself: an IPv4 address, or an IPv6 /64 (RFC 6177). 203.0.113.7 and ::ffff:203.0.113.7 are the
 * same. All texts that are no address are one network, `unknown`.
 */
export function networkOf(ip: string | undefined): string {
  if (ip === undefined || !ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return address.toByteArray().slice(0, 8).join('.');
}

/**
 * The /24 of an IPv4 address, the /48 of an IPv6 /64.
 * @param network as `networkOf` writes it
 */
export function widerNetworkOf(network: string): string {
  const parts = network.split('.');
  return parts.slice(0, parts.length === 8 ? 6 : 3).join('.');
}
