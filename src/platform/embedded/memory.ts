import { createServer } from 'node:net';
import { parseJson, readIfThere, writeWhole } from './files.js';

type ServerName = 'postgres' | 'redis' | 'smtp';
type Saved = { ports: Partial<Record<ServerName, number>>; passwords: Partial<Record<ServerName, string>> };

/** What the servers of a data directory keep from one start to the next. */
export type Memory = {
  /** The port of last time when it is free, else another free one of 127.0.0.1, remembered from now on. */
  takePort(name: ServerName): Promise<number>;
  password(name: ServerName): string | undefined;
  keepPassword(name: ServerName, password: string): void;
};

/** Open the memory kept in `file` (JSON, readable by its owner alone). A lost or broken file is an empty memory. */
export function openMemory(file: string): Memory {
  const saved = {
    ports: {},
    passwords: {},
    ...(parseJson(readIfThere(file)) as object | undefined),
  } as Saved;
  const save = () => writeWhole(file, JSON.stringify(saved));
  return {
    takePort: async (name) => {
      const last = saved.ports[name];
      if (last !== undefined && (await tryPort(last)) !== undefined) return last;
      saved.ports[name] = await anyPort();
      save();
      return saved.ports[name];
    },
    password: (name) => saved.passwords[name],
    keepPassword: (name, password) => {
      saved.passwords[name] = password;
      save();
    },
  };
}

async function anyPort(): Promise<number> {
  const port = await tryPort(0);
  if (port === undefined) throw new Error('127.0.0.1 has no free port');
  return port;
}

/** Open and close a port (0: whichever is free). Undefined when it is taken. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const opened = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(opened));
    });
  });
}
