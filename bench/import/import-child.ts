import { loadAddressHasher } from '../../src/platform/crypto/address-hash.js';
import { deriveKey } from '../../src/platform/crypto/keys.js';
import { connectDatabase } from '../../src/platform/db/database.js';
import { createLog } from '../../src/platform/log.js';
import { findPublication } from '../../src/publications/reads.js';
import {
  addImport,
  answerImport,
  checkFiles,
  createImport,
} from '../../src/subscribers/import/prepare-import.js';
import { receiveFile } from '../../src/subscribers/import/receive-file.js';
import { workOnImport } from '../../src/subscribers/import/work-on-import.js';
import { serveParent } from '../support/child-process.js';
import { sampleExport } from './sample-export.js';

// Imports readers in a process of its own, whose memory is looked at, and which may be killed at any moment.

export type ImportOptions = { databaseUrl: string; secretKey: string };
/** `receive`: makes an import of so many rows and keeps its file. */
type ImportRequest =
  | { step: 'receive'; publicationId: string; rows: number }
  | { step: 'check' | 'add'; id: string };
export type ImportResponse = { id: string; milliseconds: number; peakBytes: number };

const { databaseUrl, secretKey } = JSON.parse(process.argv[2] ?? '{}') as ImportOptions;
const db = connectDatabase(databaseUrl, () => {});
const context = {
  db,
  now: () => new Date(),
  actor: { kind: 'system' } as const,
  hashAddress: await loadAddressHasher(db, [deriveKey(secretKey)]),
  stopping: new AbortController().signal,
  log: createLog('silent'),
};

serveParent(async (question): Promise<ImportResponse> => {
  const request = question as ImportRequest;
  const begun = performance.now();
  const id = await perform(request);
  const milliseconds = performance.now() - begun;
  return { id, milliseconds, peakBytes: process.resourceUsage().maxRSS * 1024 };
});

async function perform(request: ImportRequest): Promise<string> {
  if (request.step === 'receive') return receive(request);
  if (request.step === 'check') await checkFiles(context, request.id);
  else await addImport(context, request.id);
  await workOnImport(context, request.id);
  return request.id;
}

async function receive({ publicationId, rows }: { publicationId: string; rows: number }): Promise<string> {
  const publication = await findPublication(db, publicationId);
  if (publication === undefined) throw new Error('There is no publication.');
  const created = await createImport(context, publication, {
    product: 'mailchimp',
    productName: 'Mailchimp',
  });
  if (created.kind !== 'created') throw new Error(created.kind);
  const { kind } = await receiveFile(context, created, 'subscribed.csv', sampleExport(rows));
  if (kind !== 'received') throw new Error(kind);
  await answerImport(context, created.id, { statement: 'By the form on our site, with a confirmation.' });
  return created.id;
}
