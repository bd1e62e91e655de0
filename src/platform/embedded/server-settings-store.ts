import { createServer } from 'node:net';
import { parseJsonIfValid, readFileIfExists, writeFileAtomically } from './files.js';

type ServerName = 'postgres' | 'redis' | 'smtp';
type StoredSettings = {
  ports: Partial<Record<ServerName, number>>;
  passwords: Partial<Record<ServerName, string>>;
};

/** What the servers of a data directory keep from one start to the next. */
export type ServerSettingsStore = {
  /** The port of last time when it is free, else another free one of 127.0.0.1, remembered from now on. */
  reservePort(name: ServerName): Promise<number>;
  password(name: ServerName): string | undefined;
  storePassword(name: ServerName, password: string): void;
};

/** Open the memory kept in `file` (JSON, readable by its owner alone). A lost or broken file is an empty memory. */
export function openServerSettingsStore(file: string): ServerSettingsStore {
  const saved = {
    ports: {},
    passwords: {},
    ...(parseJsonIfValid(readFileIfExists(file)) as object | undefined),
  } as StoredSettings;
  const save = () => writeFileAtomically(file, JSON.stringify(saved));
  return {
    reservePort: async (name) => {
      const last = saved.ports[name];
      if (last !== undefined && (await probePort(last)) !== undefined) return last;
      saved.ports[name] = await findFreePort();
      save();
      return saved.ports[name];
    },
    password: (name) => saved.passwords[name],
    storePassword: (name, password) => {
      saved.passwords[name] = password;
      save();
    },
  };
}

async function findFreePort(): Promise<number> {
  const port = await probePort(0);
  if (port === undefined) throw new Error('127.0.0.1 has no free port');
  return port;
}

/** Open and close a port (0: whichever is free). Undefined when it is taken. */
function probePort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const opened = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(opened));
    });
  });
}
