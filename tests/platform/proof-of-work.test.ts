import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deriveKey, UNSUBSCRIBE_ONLY } from '../../src/platform/keys.js';
import { createProofs, MOST_TRIES } from '../../src/platform/proof-of-work.js';
import { pack, solveProof } from '../support/solve-proof.js';

const ours = deriveKey('a secret that is long enough for anybody');
const others = deriveKey('another secret, of somebody else entirely');
const publicationId = randomUUID();
const now = new Date('2026-11-22T09:00:00Z');
const after = (milliseconds: number) => new Date(now.getTime() + milliseconds);

const proofs = createProofs([ours]);
const unpack = (payload: string) => JSON.parse(Buffer.from(payload, 'base64').toString()) as object;

test('the number behind the salt is found among those it names, and is taken for ten minutes', async () => {
  const challenge = await proofs.ask(publicationId, now);
  expect(challenge.maxnumber).toBe(MOST_TRIES);
  const payload = solveProof(challenge);
  expect(await proofs.check(publicationId, payload, after(599_000))).toEqual({
    challenge: challenge.challenge,
    expiresAt: after(600_000),
  });
  expect(await proofs.check(publicationId, payload, after(600_000))).toBeUndefined();
});

test('work for one newsletter is none for another', async () => {
  const payload = solveProof(await proofs.ask(publicationId, now));
  expect(await proofs.check(randomUUID(), payload, now)).toBeUndefined();
});

test('nothing that was changed is taken, and nothing that others signed', async () => {
  const challenge = await proofs.ask(publicationId, now);
  const payload = solveProof(challenge);
  const solved = unpack(payload) as { number: number };
  const later = challenge.salt.replace(/expires=\d+/, 'expires=9999999999');
  for (const changed of [
    { number: solved.number + 1 },
    { number: String(solved.number) },
    { number: MOST_TRIES + 1 },
    { salt: later },
    { salt: `${challenge.salt}expires=9999999999&` },
    { algorithm: 'SHA-1' },
    { algorithm: 'sha-256' },
    { signature: challenge.challenge },
    { challenge: challenge.signature },
  ])
    expect([changed, await proofs.check(publicationId, pack({ ...solved, ...changed }), now)]).toEqual([
      changed,
      undefined,
    ]);
  const foreign = solveProof(await createProofs([others]).ask(publicationId, now));
  expect(await proofs.check(publicationId, foreign, now)).toBeUndefined();
  expect(await proofs.check(publicationId, payload, now)).toBeDefined();
});

test('work asked for under the key before counts, but not under one that others may have seen', async () => {
  const payload = solveProof(await createProofs([others]).ask(publicationId, now));
  expect(await createProofs([ours, others]).check(publicationId, payload, now)).toBeDefined();
  const seen = deriveKey(`${UNSUBSCRIBE_ONLY}another secret, of somebody else entirely`);
  expect(await createProofs([ours, seen]).check(publicationId, payload, now)).toBeUndefined();
});

test('whatever comes in the field, there is an answer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.jsonValue().map(pack)), async (payload) => {
      expect(await proofs.check(publicationId, payload, now)).toBeUndefined();
    }),
  );
});
