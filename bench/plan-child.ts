import { planDue, planInstant } from '../src/deliveries/plan.js';
import { planOperatorDigest, sendDigest } from '../src/deliveries/send-digest.js';
import { connectDatabase } from '../src/platform/db/database.js';
import { deriveKey } from '../src/platform/keys.js';
import { createLinks } from '../src/platform/links.js';
import { answerParent } from './children.js';
import { peakMemory } from './proc.js';

// Plans in a process of its own, with the verbs that a worker's jobs call.

/** operator: one digest to everybody. instant, due: what the jobs of those names do. */
export type PlanQuestion = { what: 'operator' | 'instant' | 'due'; publicationId: string };
export type PlanAnswer = { milliseconds: number; peakMemory: number | undefined };

const { databaseUrl, secretKey } = JSON.parse(process.argv[2] ?? '{}') as {
  databaseUrl: string;
  secretKey: string;
};
const db = connectDatabase(databaseUrl, () => {});
const context = { db, now: () => new Date(), links: createLinks([deriveKey(secretKey)]) };

answerParent(async (question): Promise<PlanAnswer> => {
  const begun = performance.now();
  await plan(question as PlanQuestion);
  return { milliseconds: performance.now() - begun, peakMemory: peakMemory(process.pid) };
});

async function plan({ what, publicationId }: PlanQuestion): Promise<void> {
  switch (what) {
    case 'instant':
      return planInstant(context, publicationId);
    case 'due':
      return planDue(context);
    case 'operator': {
      const sent = await sendDigest(context, publicationId);
      if (sent.kind === 'sending') return planOperatorDigest(context, sent.digestId);
      throw new Error('Nobody is due.');
    }
  }
}
