import { openHttpServer, type HttpServer } from '../../http/server.js';
import type { Config } from '../../platform/config.js';
import { CliError } from '../cli-error.js';

/**
 * Listens on HOST and PORT. In development the next free port will do where PORT is not set; in production a proxy asks
 * for this one.
 * @throws CliError with a sentence for what the system answers
 */
export async function openServerOrExplain(config: Config): Promise<HttpServer> {
  try {
    return await openHttpServer({ ...config, isPortGiven: config.isPortGiven || config.production });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const reason = reasons[code]?.(config);
    if (reason === undefined) throw error;
    throw new CliError(reason);
  }
}

const unknownHost = ({ host }: Config) =>
  `HOST is ${host}, which is no address of this machine. Nothing was started.`;

const reasons: Record<string, (config: Config) => string> = {
  EADDRINUSE: ({ port, production }) =>
    `Port ${port} is taken by another program${production ? ' or another Paperround' : ''}. Nothing was started. Set PORT to a free one.`,
  EACCES: ({ port }) =>
    `This user may not listen on port ${port}. Nothing was started. Set PORT to one above 1023.`,
  EADDRNOTAVAIL: unknownHost,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
};
