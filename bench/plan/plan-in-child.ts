import { startChild } from '../support/child-process.js';
import { secretKey, type BenchServers } from '../support/servers.js';
import type { PlanRequest, PlanResponse } from './plan-child.js';

/** Plans in a process of its own, whose time and memory are measured. */
export async function planInChild(
  servers: BenchServers,
  database: string,
  question: PlanRequest,
): Promise<PlanResponse> {
  const child = await startChild(new URL('./plan-child.ts', import.meta.url), {
    databaseUrl: servers.urlOf(database),
    secretKey,
  });
  try {
    return await child.request<PlanResponse>(question);
  } finally {
    await child.stop();
  }
}
