import { readFileSync } from 'node:fs';
import { recordEvents } from '../../src/events/record/record-events.js';
import type { IncomingEvent } from '../../src/events/event.js';
import { loadAddressHasher } from '../../src/platform/crypto/address-hash.js';
import { deriveKey } from '../../src/platform/crypto/keys.js';
import { createLinks } from '../../src/platform/crypto/signed-links.js';
import { connectDatabase } from '../../src/platform/db/database.js';
import { serveParent } from '../support/child-process.js';

// Records events in a process of its own, which may be killed at any moment.

/** `file`: events as JSON. Those from `from` on, `batch` at a time; each finished batch is told. */
export type RecordOptions = { databaseUrl: string; secretKey: string; now: string };
export type RecordRequest = { file: string; from: number; to: number };
export type RecordResponse = { milliseconds: number; recorded: number; failures: number };

const { databaseUrl, secretKey, now } = JSON.parse(process.argv[2] ?? '{}') as RecordOptions;
const db = connectDatabase(databaseUrl, () => {});
const keys = [deriveKey(secretKey)] as const;
const context = {
  db,
  now: () => new Date(now),
  links: createLinks(keys),
  hashAddress: await loadAddressHasher(db, keys),
};
const loaded = new Map<string, IncomingEvent[]>();

serveParent(async (question): Promise<RecordResponse> => {
  const { file, from, to } = question as RecordRequest;
  const events = (loaded.get(file) ?? readEvents(file)).slice(from, to);
  const begun = performance.now();
  const { recorded, failures } = await recordEvents(context, events);
  return { milliseconds: performance.now() - begun, recorded: recorded.length, failures: failures.length };
});

function readEvents(file: string): IncomingEvent[] {
  const parsed = JSON.parse(readFileSync(file, 'utf8')) as (IncomingEvent & { occurredAt: string })[];
  const events = parsed.map((event) => ({ ...event, occurredAt: new Date(event.occurredAt) }));
  loaded.set(file, events);
  return events;
}
