import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { CountingSink, Sink } from './sink/sinks.js';

const SMTP_SOURCE = '/usr/sbin/smtp-source';
const CONNECTIONS = 10;

export function hasSmtpSource(): boolean {
  return existsSync(SMTP_SOURCE);
}

/**
 * Postfix's generator over ten connections that stay open. `bytes`: what it sends beside its own header.
 * @returns messages a second
 */
export async function runSmtpSource(sink: Sink, messages: number, bytes: number): Promise<number> {
  const counts = ['-s', String(CONNECTIONS), '-m', String(messages), '-l', String(bytes)];
  const addresses = ['-f', 'post@bench.example', '-t', 'reader@mail.example'];
  const begun = performance.now();
  const child = spawn(SMTP_SOURCE, ['-d', ...counts, ...addresses, `127.0.0.1:${sink.port}`], {
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`smtp-source ended with exit code ${code}.`);
  return messages / ((performance.now() - begun) / 1000);
}

/** What it puts before its payload: what is left to ask for so that its messages are as long as ours on the wire. */
export async function measureHeaderBytes(sink: CountingSink): Promise<number> {
  const asked = 10_000;
  await sink.reset();
  await runSmtpSource(sink, CONNECTIONS, asked);
  const { messages, bytes } = await sink.count();
  return Math.round(bytes / messages) - asked;
}
