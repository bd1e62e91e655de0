import type { Command } from 'commander';
import type { ReadConfig } from '../../read-config.js';
import { inboundCommands } from './inbound.js';

/** `event ingest|mails|reread`. */
export function eventCommands(paperround: Command, config: ReadConfig): void {
  const event = paperround.command('event').description('bounces, complaints and other mail that comes back');
  inboundCommands(event, config);
}
