import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A program in a process of its own, which answers one request after the other. */
export type Child = {
  pid: number;
  request<Answer>(question: object): Promise<Answer>;
  stop(): Promise<void>;
};

/** Starts the TypeScript file at `script`; it ends when we do. `options` are its only argument. */
export async function startChild(script: URL, options: object): Promise<Child> {
  const child = fork(fileURLToPath(script), [JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: process.execArgv.includes('tsx') ? process.execArgv : ['--import', 'tsx'],
  });
  await nextMessage(child); // the child is ready
  let last: Promise<unknown> = Promise.resolve();
  return {
    pid: child.pid ?? Number.NaN,
    request: <Answer>(question: object) => {
      const answer = last.then(async () => {
        child.send(question);
        return (await nextMessage(child)) as Answer;
      });
      last = answer.catch(() => {});
      return answer;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** The child's side: reports that it is ready, answers requests, and ends when its parent ends or disconnects. */
export function serveParent(answer: (question: unknown) => unknown): void {
  process.on('message', (question) => void respond(answer, question));
  process.on('disconnect', () => process.exit(0));
  process.send?.({ ready: true });
}

async function respond(answer: (question: unknown) => unknown, question: unknown): Promise<void> {
  process.send?.((await answer(question)) ?? {});
}

/** @throws when the child ends instead of answering */
async function nextMessage(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const gone = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`A part of the benchmark ended with exit code ${String(code)}.`);
  });
  gone.catch(() => {});
  try {
    const [answer] = (await Promise.race([
      once(child, 'message', { signal: ended.signal }),
      gone,
    ])) as unknown[];
    return answer;
  } finally {
    ended.abort();
  }
}
