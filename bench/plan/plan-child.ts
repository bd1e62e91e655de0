import { join } from 'node:path';
import { planDue, planInstant } from '../../src/deliveries/plan/plan-digests.js';
import { planOperatorDigest, sendOperatorDigest } from '../../src/deliveries/plan/operator-digest.js';
import { connectDatabase } from '../../src/platform/db/database.js';
import { deriveKey } from '../../src/platform/crypto/keys.js';
import { createLinks } from '../../src/platform/crypto/signed-links.js';
import { createLog } from '../../src/platform/log.js';
import { createTemplates } from '../../src/platform/templates/templates.js';
import { serveParent } from '../support/child-process.js';
import { peakMemory } from '../support/process-usage.js';

// Plans in a process of its own, with the operations that a worker's jobs call.

/** operator: one digest to everybody. instant, due: what the jobs of those names do. */
export type PlanRequest = { what: 'operator' | 'instant' | 'due'; publicationId: string };
export type PlanResponse = { milliseconds: number; peakMemory: number | undefined };

const { databaseUrl, secretKey } = JSON.parse(process.argv[2] ?? '{}') as {
  databaseUrl: string;
  secretKey: string;
};
const db = connectDatabase(databaseUrl, () => {});
const context = {
  db,
  actor: { kind: 'command-line' as const },
  now: () => new Date(),
  links: createLinks([deriveKey(secretKey)]),
  log: createLog('warn'),
  templates: createTemplates({ dir: join(import.meta.dirname, '../../templates') }),
};

serveParent(async (question): Promise<PlanResponse> => {
  const begun = performance.now();
  await plan(question as PlanRequest);
  return { milliseconds: performance.now() - begun, peakMemory: peakMemory(process.pid) };
});

async function plan({ what, publicationId }: PlanRequest): Promise<void> {
  switch (what) {
    case 'instant':
      return planInstant(context, publicationId);
    case 'due':
      return planDue(context);
    case 'operator': {
      const sent = await sendOperatorDigest(context, publicationId);
      if (sent.kind === 'sending') return planOperatorDigest(context, sent.digestId);
      throw new Error('Nobody is due.');
    }
  }
}
