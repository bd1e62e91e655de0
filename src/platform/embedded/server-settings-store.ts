import { z } from 'zod';
import { findFreePort, isPortFree } from '../process/free-port.js';
import { writeFileAtomically } from '../process/write-file.js';
import { readJsonFile } from './files.js';

type ServerName = 'postgres' | 'redis' | 'smtp';

const perServer = <Schema extends z.ZodType>(schema: Schema) =>
  z.object({ postgres: schema.optional(), redis: schema.optional(), smtp: schema.optional() }).default({});

const storedSettings = z.object({ ports: perServer(z.int()), passwords: perServer(z.string()) });

/** Ports and passwords of a data directory's servers, to be used again at the next start. */
export type ServerSettingsStore = {
  /** The stored port if it is free, otherwise another free one of 127.0.0.1, which is stored. */
  reservePort(name: ServerName): Promise<number>;
  password(name: ServerName): string | undefined;
  storePassword(name: ServerName, password: string): void;
};

/** Opens the store in `file` (JSON, which only its owner can read). A missing or damaged file counts as empty. */
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
