import { listenForMail } from '../../events/inbound/listen.js';
import { openHttpServer, type HttpServer } from '../../http/server.js';
import type { Config } from '../../platform/config.js';
import type { Context } from '../../platform/context.js';
import type { SmtpListener } from '../../platform/mail/inbound/smtp-listener.js';
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

/**
 * Listens on INBOUND_PORT, where the settings name one. A taken port stops the start: bounces would be refused in silence.
 * @throws CliError with a sentence for what the system answers
 */
export async function listenForMailOrExplain(
  context: Pick<Context, 'config' | 'db' | 'hashAddress' | 'actor' | 'links' | 'log' | 'now'>,
): Promise<SmtpListener | undefined> {
  try {
    return await listenForMail(context);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const port = context.config.inboundPort;
    if (code === 'EADDRINUSE')
      throw new CliError(`INBOUND_PORT ${port} is taken by another program. Nothing was started.`);
    if (code === 'EACCES')
      throw new CliError(
        `This user may not listen on INBOUND_PORT ${port}. Nothing was started. Take one above 1023, and let the mail server in front hand mail to it.`,
      );
    throw error;
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
