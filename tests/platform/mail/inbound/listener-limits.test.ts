import { describe, expect, test } from '@jest/globals';
import {
  createNetworkCounter,
  type ListenerLimits,
} from '../../../../src/platform/mail/inbound/listener-limits.js';

const limits = { connectionsOfNetwork: 2, mailsPerMinute: 3 } as ListenerLimits;

describe('what one network may take', () => {
  test('is so many connections at once, of an IPv6 /64 together', () => {
    const networks = createNetworkCounter(limits);
    for (const ip of ['2001:db8::1', '2001:db8::2']) {
      networks.open(ip);
      expect(networks.mayStay(ip)).toBe(true);
    }
    networks.open('2001:db8::3');
    expect(networks.mayStay('2001:db8::3')).toBe(false);
    networks.open('2001:db8:0:1::1');
    expect(networks.mayStay('2001:db8:0:1::1')).toBe(true);
    networks.close('2001:db8::1');
    expect(networks.mayStay('2001:db8::3')).toBe(true);
  });

  test('is so many mails a minute', () => {
    let now = 0;
    const networks = createNetworkCounter(limits, () => now);
    const count = () => networks.countMail('192.0.2.1');
    expect([count(), count(), count(), count()]).toEqual([true, true, true, false]);
    expect(networks.countMail('192.0.2.2')).toBe(true);
    now = 60_000;
    expect(count()).toBe(true);
  });

  test('is not limited on this machine, where a mail server in front has limits of its own', () => {
    const networks = createNetworkCounter(limits);
    for (const ip of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
      for (let at = 0; at < 5; at++) {
        networks.open(ip);
        expect(networks.mayStay(ip) && networks.countMail(ip)).toBe(true);
      }
  });
});
