import { expect, test } from '@jest/globals';
import { createChunkTimes, createDomainPlaces } from '../../../src/deliveries/send/domain-places.js';

const places = createDomainPlaces();
/** A chunk with so many mails to each of these domains, each of which took so long. */
function sendChunk(chunk: Record<string, [mails: number, tookMs: number]>): void {
  const times = createChunkTimes(places);
  for (const [domain, [mails, tookMs]] of Object.entries(chunk))
    for (let mail = 0; mail < mails; mail += 1) times.record(domain, tookMs);
  times.adjustPlaces();
}

test('a domain slower than the others has the places that it fills in a second, and twice as many when it is quick', () => {
  sendChunk({ 'slow.example': [40, 4000], 'quick.example': [40, 20], 'other.example': [3, 900] });
  expect([...places.entries()]).toEqual([['slow.example', 10]]);
  sendChunk({ 'slow.example': [10, 4000], 'quick.example': [40, 20] });
  expect(places.get('slow.example')).toBe(2);
  // Fewer than its places show nothing.
  sendChunk({ 'slow.example': [1, 50], 'quick.example': [40, 20] });
  expect(places.get('slow.example')).toBe(2);
  sendChunk({ 'slow.example': [2, 50], 'quick.example': [40, 20] });
  expect(places.get('slow.example')).toBe(4);
  for (let chunk = 0; chunk < 8; chunk += 1)
    sendChunk({ 'slow.example': [places.get('slow.example') ?? 0, 50] });
  expect(places.size).toBe(0);
});

test('where all are slow, or a domain is alone, none has fewer places than the others', () => {
  sendChunk({ 'one.example': [40, 4000], 'two.example': [40, 3500], 'three.example': [1, 4000] });
  sendChunk({ 'one.example': [40, 4000] });
  expect(places.size).toBe(0);
});
