import { cpus, totalmem } from 'node:os';
import { readSettings, type BenchServers } from './servers.js';

/** Where the figures were measured. */
export type Machine = {
  cpu: string;
  cores: number;
  memoryGb: number;
  node: string;
  postgres: Record<string, string>;
  queue: 'Redis' | 'Postgres';
  generator: string;
};

export async function describeMachine(servers: BenchServers, hasPostfix: boolean): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres: await readSettings(servers),
    queue: servers.redis === undefined ? 'Postgres' : 'Redis',
    generator: hasPostfix
      ? 'smtp-source and smtp-sink of Postfix'
      : 'no smtp-source or smtp-sink here: the built-in sink, and nothing to compare with',
  };
}

/** The same as lines for a terminal. */
export function machineLines(machine: Machine): string[] {
  const settings = Object.entries(machine.postgres)
    .filter(([name]) => name !== 'server_version')
    .map(([name, value]) => `${name}=${value}`);
  return [
    `${machine.cores} x ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}`,
    `Postgres ${machine.postgres['server_version'] ?? '?'}: ${settings.join(' ')}`,
    `queue on ${machine.queue}${machine.queue === 'Redis' ? '' : ' (no redis-server on PATH)'}`,
    machine.generator,
  ];
}
