import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../child-process.js';
import type { Faults, ReplyDelay } from './faults.js';
import type { SinkCount, SinkOptions, SinkRequest } from './sink-child.js';
import { killOnExit } from '../processes.js';
import { findFreePort } from '../../../src/platform/process/free-port.js';

/** A mail server that takes everything. */
export type Sink = {
  kind: 'smtp-sink' | 'built-in';
  port: number;
  url: string;
  /** How many messages it has taken. */
  messages(): Promise<number>;
  stop(): Promise<void>;
};

/** What the built-in sink knows of one address. `queueIds`: how often a Postfix before it took a mail for it. */
export type Received = { count: number; messageIds: number; lastAt: number; queueIds: number };

/** One that also counts by recipient, and can have faults. */
export type CountingSink = Sink & {
  count(): Promise<SinkCount>;
  recipients(): Promise<Map<string, Received>>;
  /** How often it has taken a message, by Message-ID. */
  mails(): Promise<Map<string, number>>;
  /** @param replyDelay as before when absent; none at the start */
  setFaults(as: Faults, replyDelay?: ReplyDelay): Promise<void>;
  reset(): Promise<void>;
};

const SMTP_SINK = '/usr/sbin/smtp-sink';

export function hasSmtpSink(): boolean {
  return existsSync(SMTP_SINK);
}

/** Postfix's sink; it counts totals. With -c it writes each new count, which costs it less than we can measure. */
export async function startSmtpSink(folder: string): Promise<Sink> {
  const port = await findFreePort();
  const countFile = join(folder, `smtp-sink-${port}.count`);
  const counts = openSync(countFile, 'w');
  const asRoot = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const args = ['-c', ...asRoot, `127.0.0.1:${port}`, '512'];
  const child = spawn(SMTP_SINK, args, { stdio: ['ignore', counts, 'inherit'] });
  closeSync(counts);
  killOnExit(child);
  await sleep(500);
  return {
    kind: 'smtp-sink',
    port,
    url: `smtp://127.0.0.1:${port}`,
    messages: async () => parseLastCount(readFileSync(countFile, 'latin1')),
    stop: async () => {
      const ended = once(child, 'exit');
      if (child.exitCode === null && child.kill()) await ended;
    },
  };
}

/** The built-in sink, in a process of its own. */
export async function startCountingSink(folder: string, options: SinkOptions = {}): Promise<CountingSink> {
  const child = await startChild(new URL('./sink-child.ts', import.meta.url), options);
  const ask = <Answer>(question: SinkRequest) => child.request<Answer>(question);
  const { port } = await ask<{ port: number }>({ ask: 'count' });
  const list = join(folder, `sink-${port}.list`);
  return {
    kind: 'built-in',
    port,
    url: `smtp://127.0.0.1:${port}`,
    messages: async () => (await ask<SinkCount>({ ask: 'count' })).messages,
    count: () => ask<SinkCount>({ ask: 'count' }),
    recipients: async () => {
      await ask({ ask: 'list', file: list });
      return readList(readFileSync(list, 'utf8'));
    },
    mails: async () => {
      await ask({ ask: 'list-mails', file: list });
      const lines = readFileSync(list, 'utf8').split('\n').filter(Boolean);
      return new Map(
        lines.map((line) => {
          const [id = '', count] = line.split('\t');
          return [id, Number(count)];
        }),
      );
    },
    setFaults: async (as, replyDelay) => void (await ask({ ask: 'behave', as, replyDelay })),
    reset: async () => void (await ask({ ask: 'forget' })),
    stop: () => child.stop(),
  };
}

function readList(text: string): Map<string, Received> {
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const [address = '', count, messageIds, lastAt, queueIds] = line.split('\t');
      const numbers = { count: Number(count), messageIds: Number(messageIds) };
      return [address, { ...numbers, lastAt: Number(lastAt), queueIds: Number(queueIds) }];
    }),
  );
}

/** It writes "sess=1 quit=0 mesg=2" and a carriage return, again and again. */
function parseLastCount(text: string): number {
  return Number(/mesg=(\d+)\D*$/.exec(text.slice(-200))?.[1] ?? 0);
}
