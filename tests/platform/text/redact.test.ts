import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redactCredentials } from '../../../src/platform/text/redact.js';

test.each([
  ['smtps://user:pa%23ss@mail.example:465', 'smtps://…@mail.example:465'],
  ['postgres://user:pa@ss@db.example/paperround?sslmode=require', 'postgres://…'],
  ['postgres://user:secret@db.example/paperround', 'postgres://…@db.example/paperround'],
  ['smtps://user:pa#ss@host', 'smtps://…'],
  ['smtps://user:pa', 'smtps://…'],
  ['redis://:secret@cache.example', 'redis://…@cache.example'],
  ['postgres://user:25/secret@host', 'postgres://…'],
  ['https://user@feeds.example/feed', 'https://…@feeds.example/feed'],
])('%s is shown as %s', (url, shown) => {
  expect(redactCredentials(`Invalid URL ${url} in it`)).toBe(`Invalid URL ${shown} in it`);
  expect(redactCredentials(`Invalid URL "${url}".`)).toMatch(`Invalid URL "${shown}`);
});

test.each([
  'https://news.example/feed.xml',
  'http://127.0.0.1:3000/inbox?view=text#top',
  'https://medium.example/@writer/feed',
  'http://[::1]:8080/a',
  'ratio 3:4, at 10:30, a@b.example',
  'file:///etc/passwd',
])('%s is shown as it is', (text) => {
  expect(redactCredentials(text)).toBe(text);
});

test('nothing of a password is left, whatever is in it and wherever the address is cut', () => {
  const password = fc
    .string({ minLength: 3, maxLength: 15 })
    .map((text) => `Pw${text.replaceAll(/\s/g, '')}wP`);
  const scheme = fc.constantFrom('smtp', 'smtps', 'postgres', 'redis', 'https');
  fc.assert(
    fc.property(scheme, password, fc.nat(), (name, secret, at) => {
      const url = `${name}://user:${secret}@host.example/path`;
      const cut = url.slice(0, `${name}://user:Pw`.length + (at % url.length));
      expect(redactCredentials(`It failed: ${cut}`)).not.toContain('Pw');
    }),
  );
});
