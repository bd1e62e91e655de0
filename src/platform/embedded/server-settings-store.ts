import { z } from 'zod';
import { findFreePort, isPortFree } from '../process/free-port.js';
import { readJsonFile, writeFileAtomically } from './files.js';

type ServerName = 'postgres' | 'redis' | 'smtp';

const perServer = <Schema extends z.ZodType>(schema: Schema) =>
  z.object({ postgres: schema.optional(), redis: schema.optional(), smtp: schema.optional() }).default({});

const storedSettings = z.object({ ports: perServer(z.int()), passwords: perServer(z.string()) });

/** What the servers of a data directory use again at the next start. */
export type ServerSettingsStore = {
  /** The port of last time when it is free, else another free one of 127.0.0.1, stored from now on. */
  reservePort(name: ServerName): Promise<number>;
  password(name: ServerName): string | undefined;
  storePassword(name: ServerName, password: string): void;
};

/** The store in `file` (JSON, readable by its owner alone). A file that is lost or broken counts as empty. */
export function openServerSettingsStore(file: string): ServerSettingsStore {
  const { ports, passwords } = readJsonFile(file, storedSettings) ?? { ports: {}, passwords: {} };
  const save = () => writeFileAtomically(file, JSON.stringify({ ports, passwords }));
  return {
    reservePort: async (name) => {
      const last = ports[name];
      if (last !== undefined && (await isPortFree(last))) return last;
      const port = await findFreePort();
      ports[name] = port;
      save();
      return port;
    },
    password: (name) => passwords[name],
    storePassword: (name, password) => {
      passwords[name] = password;
      save();
    },
  };
}
