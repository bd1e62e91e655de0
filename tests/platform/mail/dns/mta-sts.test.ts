import { expect, test } from '@jest/globals';
import { isAllowedMx, parseMtaStsPolicy } from '../../../../src/platform/mail/dns/mta-sts.js';

const policy = (...lines: string[]) => parseMtaStsPolicy(`${lines.join('\r\n')}\r\n`);

test('a policy is read as RFC 8461 section 3.2 writes it', () => {
  expect(
    policy('version: STSv1', 'mode: enforce', 'mx: mail.example.com', 'mx: *.example.net', 'max_age: 604800'),
  ).toEqual({ mode: 'enforce', mx: ['mail.example.com', '*.example.net'] });
  expect(policy('version: STSv1', 'mode: none', 'max_age: 86400')).toEqual({ mode: 'none', mx: [] });
  for (const lines of [
    ['mode: enforce', 'mx: mail.example.com', 'max_age: 1'],
    ['version: STSv2', 'mode: enforce', 'mx: mail.example.com', 'max_age: 1'],
    ['version: STSv1', 'mode: always', 'mx: mail.example.com', 'max_age: 1'],
    ['version: STSv1', 'mode: enforce', 'max_age: 1'],
    ['version: STSv1', 'mode: testing', 'mx: mail.example.com'],
    ['<!doctype html>'],
  ])
    expect([lines, policy(...lines)]).toEqual([lines, undefined]);
});

test('a star stands for one label', () => {
  const { mx } = { mx: ['mail.example.com', '*.example.net'] };
  for (const host of ['mail.example.com', 'MAIL.example.com.', 'mx1.example.net'])
    expect([host, isAllowedMx({ mx }, host)]).toEqual([host, true]);
  for (const host of ['example.net', 'a.b.example.net', 'mail.example.org', 'xmail.example.com'])
    expect([host, isAllowedMx({ mx }, host)]).toEqual([host, false]);
});
