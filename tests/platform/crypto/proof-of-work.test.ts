import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deriveKey, UNSUBSCRIBE_ONLY_PREFIX } from '../../../src/platform/crypto/keys.js';
import { createProofOfWork, MAX_TRIES } from '../../../src/platform/crypto/proof-of-work.js';
import { encodePayload, solveChallenge } from '../../support/solve-challenge.js';

const ours = deriveKey('a secret that is long enough for anybody');
const others = deriveKey('another secret, of somebody else entirely');
const publicationId = randomUUID();
const now = new Date('2026-11-22T09:00:00Z');
const after = (milliseconds: number) => new Date(now.getTime() + milliseconds);

const proofs = createProofOfWork([ours]);
const unpack = (payload: string) => JSON.parse(Buffer.from(payload, 'base64').toString()) as object;

test('the number is found below the maximum of the challenge, and is accepted for ten minutes', async () => {
  const challenge = await proofs.createChallenge(publicationId, now);
  expect(challenge.maxnumber).toBe(MAX_TRIES);
  const payload = solveChallenge(challenge);
  expect(await proofs.verify(publicationId, payload, after(599_000))).toEqual({
    challenge: challenge.challenge,
    expiresAt: after(600_000),
  });
  expect(await proofs.verify(publicationId, payload, after(600_000))).toBeUndefined();
});

test('work for one newsletter does not count for another', async () => {
  const payload = solveChallenge(await proofs.createChallenge(publicationId, now));
  expect(await proofs.verify(randomUUID(), payload, now)).toBeUndefined();
});

test('a changed challenge is refused, and one that was signed with another key', async () => {
  const challenge = await proofs.createChallenge(publicationId, now);
  const payload = solveChallenge(challenge);
  const solved = unpack(payload) as { number: number };
  const later = challenge.salt.replace(/expires=\d+/, 'expires=9999999999');
  for (const changed of [
    { number: solved.number + 1 },
    { number: String(solved.number) },
    { number: MAX_TRIES + 1 },
    { salt: later },
    { salt: `${challenge.salt}expires=9999999999&` },
    { algorithm: 'SHA-1' },
    { algorithm: 'sha-256' },
    { signature: challenge.challenge },
    { challenge: challenge.signature },
  ])
    expect([
      changed,
      await proofs.verify(publicationId, encodePayload({ ...solved, ...changed }), now),
    ]).toEqual([changed, undefined]);
  const foreign = solveChallenge(await createProofOfWork([others]).createChallenge(publicationId, now));
  expect(await proofs.verify(publicationId, foreign, now)).toBeUndefined();
  expect(await proofs.verify(publicationId, payload, now)).toBeDefined();
});

test('a challenge signed with the previous key counts, but not one signed with a key that others may have seen', async () => {
  const payload = solveChallenge(await createProofOfWork([others]).createChallenge(publicationId, now));
  expect(await createProofOfWork([ours, others]).verify(publicationId, payload, now)).toBeDefined();
  const seen = deriveKey(`${UNSUBSCRIBE_ONLY_PREFIX}another secret, of somebody else entirely`);
  expect(await createProofOfWork([ours, seen]).verify(publicationId, payload, now)).toBeUndefined();
});

test('whatever is in the field, it does not throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.jsonValue().map(encodePayload)), async (payload) => {
      expect(await proofs.verify(publicationId, payload, now)).toBeUndefined();
    }),
  );
});
