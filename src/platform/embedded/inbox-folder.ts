import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { syncDirectory } from '../process/write-file.js';
import { hasErrorCode, parseJson } from './files.js';

const inboxEnvelope = z.object({ from: z.string(), to: z.array(z.string()) });
export type InboxEnvelope = z.infer<typeof inboxEnvelope>;

/** A message as it is stored: a line `X-Paperround-Envelope: …`, then the bytes as received. */
export type StoredMessage = { id: string; receivedAt: Date; envelope: InboxEnvelope; raw: Buffer };

/** A message that is still arriving. `store` resolves with its id once it is safe on disk. */
type MessageDraft = {
  write(chunk: Buffer): Promise<void>;
  store(): Promise<string>;
  discard(): Promise<void>;
};

export type InboxFolder = { begin(envelope: InboxEnvelope): Promise<MessageDraft> };

const MAX_MESSAGES = 500;
const ENVELOPE_HEADER = 'X-Paperround-Envelope: ';
const ID_PATTERN = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}$/;

/** Opens the folder for writing; creates it if needed. Only one process may write to it. It keeps the newest 500 messages. */
export async function openInboxFolder(dir: string): Promise<InboxFolder> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await removeDrafts(dir);
  const ids = (await listMessageIds(dir)).toReversed();
  let lastTime = 0;
  const makeRoomFor = async (id: string) => {
    ids.push(id);
    const oldest = ids.splice(0, Math.max(0, ids.length - MAX_MESSAGES));
    for (const old of oldest) await rm(messagePath(dir, old), { force: true });
  };
  return {
    begin: (envelope) => {
      lastTime = Math.max(Date.now(), lastTime + 1); // two messages of one millisecond keep their order
      return beginDraft(dir, newId(lastTime), envelope, makeRoomFor);
    },
  };
}

/** The ids in the folder, newest first; none when there is no folder yet. */
export async function listMessageIds(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  });
  const ids = names.filter((name) => name.endsWith('.eml')).map((name) => name.slice(0, -'.eml'.length));
  return ids
    .filter((id) => ID_PATTERN.test(id))
    .toSorted()
    .toReversed();
}

/** Undefined when there is no such message (any more), or when `id` is not one that we made, such as `../../etc/passwd`. */
export async function readMessage(dir: string, id: string): Promise<StoredMessage | undefined> {
  const [, year, month, day, hour, minute, second, millisecond] = ID_PATTERN.exec(id) ?? [];
  if (year === undefined) return undefined;
  const bytes = await readFile(messagePath(dir, id)).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  const receivedAt = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`);
  const lineEnd = bytes.indexOf('\r\n');
  const header = bytes.toString('utf8', ENVELOPE_HEADER.length, lineEnd);
  const envelope = parseJson(header, inboxEnvelope) ?? { from: '', to: [] };
  return { id, receivedAt, envelope, raw: bytes.subarray(lineEnd + 2) };
}

function newId(time: number): string {
  return `${new Date(time).toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}`;
}

async function beginDraft(
  dir: string,
  id: string,
  envelope: InboxEnvelope,
  makeRoomFor: (id: string) => Promise<void>,
): Promise<MessageDraft> {
  const path = join(dir, `${id}.tmp`);
  const file = await open(path, 'wx', 0o600);
  await file.write(`${ENVELOPE_HEADER}${JSON.stringify(envelope)}\r\n`);
  return {
    write: (chunk) => file.writeFile(chunk),
    store: async () => {
      await file.sync();
      await file.close();
      await rename(path, messagePath(dir, id));
      syncDirectory(dir);
      await makeRoomFor(id);
      return id;
    },
    discard: async () => {
      await file.close().catch(() => {}); // it may be closed already
      await rm(path, { force: true });
    },
  };
}

const messagePath = (dir: string, id: string) => join(dir, `${id}.eml`);

async function removeDrafts(dir: string): Promise<void> {
  const drafts = (await readdir(dir)).filter((name) => name.endsWith('.tmp'));
  for (const name of drafts) await rm(join(dir, name), { force: true });
}
