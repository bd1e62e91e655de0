import { setTimeout as sleep } from 'node:timers/promises';

/** Calls `ask` every 20 ms until it returns neither false nor undefined. @throws after `timeoutMs` */
export async function waitUntil<Answer>(
  ask: () => Answer | undefined | false | Promise<Answer | undefined | false>,
  timeoutMs = 20_000,
): Promise<Answer> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(20)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
  }
  throw new Error(`Waited ${timeoutMs} ms in vain for ${ask.toString()}`);
}
