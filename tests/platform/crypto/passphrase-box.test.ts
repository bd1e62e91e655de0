import { expect, test } from '@jest/globals';
import { openWithPassphrase, sealWithPassphrase } from '../../../src/platform/crypto/passphrase-box.js';

const secret = Buffer.from('0123456789abcdef0123456789abcdef');

test('a sealed secret is opened by its pass phrase, also typed with composed letters, and by nothing else', async () => {
  const box = await sealWithPassphrase(secret, 'e\u0301lan of the harbour');
  expect(JSON.stringify(box)).not.toContain(secret.toString('base64').slice(0, 10));
  const stored = JSON.parse(JSON.stringify(box)) as typeof box;
  expect(await openWithPassphrase(stored, '\u00e9lan of the harbour')).toEqual(secret);
  expect(await openWithPassphrase(stored, 'elan of the harbour')).toBeUndefined();
});

test('changed bytes, a cost that is not ours and a cut box open nothing', async () => {
  const box = await sealWithPassphrase(secret, 'a lamp in the harbour');
  const flipped = Buffer.from(box.data, 'base64');
  flipped[0] = (flipped[0] ?? 0) ^ 1;
  for (const change of [
    { data: flipped.toString('base64') },
    { data: '' },
    { nonce: 'AAAA' },
    { salt: 'AAAA' },
    { n: 2 ** 30 },
    { p: 1 },
  ])
    expect(await openWithPassphrase({ ...box, ...change }, 'a lamp in the harbour')).toBeUndefined();
  const again = await sealWithPassphrase(secret, 'a lamp in the harbour');
  expect(again.data).not.toBe(box.data);
});
