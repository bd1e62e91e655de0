import { LRUCache } from 'lru-cache';
import { networkOf } from '../../crypto/network-hash.js';
import { MINUTE_MS } from '../../durations.js';

/** What strangers may take of a listener. Whatever is beyond is told to come again. */
export type ListenerLimits = {
  /** Open at once, from everywhere. */
  connections: number;
  /** Open at once, from one network. */
  connectionsOfNetwork: number;
  /** Mails that one network may begin within a minute. */
  mailsPerMinute: number;
  /** Octets of one mail. */
  bytes: number;
  /** Octets of all mails that are being received. */
  bytesAtOnce: number;
  /** Recipients of one mail. */
  recipients: number;
  /** Recipients in one connection that are not ours, before it is closed. */
  refusedRecipients: number;
  /** Milliseconds that a connection may be open. */
  connectionMs: number;
  /** Milliseconds without an octet (RFC 5321, section 4.5.3.2.7: at least five minutes). */
  idleMs: number;
};

const MAX_NETWORKS = 10_000;

/** Counts what networks take. The network of this machine, where a mail server in front has limits of its own, is not limited. */
export type NetworkCounter = {
  open(ip: string): void;
  close(ip: string): void;
  /** False: more connections of its network are open than may be. */
  mayStay(ip: string): boolean;
  /** False: it has begun as many mails within this minute as it may. */
  countMail(ip: string): boolean;
};

export function createNetworkCounter(
  { connectionsOfNetwork, mailsPerMinute }: ListenerLimits,
  now: () => number = () => performance.now(),
): NetworkCounter {
  const open = new Map<string, number>();
  const mails = new LRUCache<string, { minute: number; count: number }>({ max: MAX_NETWORKS });
  return {
    open: (ip) => {
      const network = networkOf(ip);
      open.set(network, (open.get(network) ?? 0) + 1);
    },
    close: (ip) => {
      const network = networkOf(ip);
      const count = (open.get(network) ?? 0) - 1;
      if (count > 0) open.set(network, count);
      else open.delete(network);
    },
    mayStay: (ip) => {
      const network = networkOf(ip);
      return isLoopback(network) || (open.get(network) ?? 0) <= connectionsOfNetwork;
    },
    countMail: (ip) => {
      const network = networkOf(ip);
      const minute = Math.floor(now() / MINUTE_MS);
      const last = mails.get(network);
      const count = last?.minute === minute ? last.count + 1 : 1;
      mails.set(network, { minute, count });
      return isLoopback(network) || count <= mailsPerMinute;
    },
  };
}

/** ::1 as `networkOf` returns it: its first eight octets. */
const IPV6_LOOPBACK = '0.0.0.0.0.0.0.0';

function isLoopback(network: string): boolean {
  return network.startsWith('127.') || network === IPV6_LOOPBACK;
}
