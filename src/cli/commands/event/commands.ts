import type { Command } from 'commander';
import type { ReadConfig } from '../../read-config.js';
import { explain } from './explain.js';
import { inboundCommands } from './inbound.js';

/** `event explain|ingest|mails|reread`. */
export function eventCommands(paperround: Command, config: ReadConfig): void {
  const event = paperround.command('event').description('bounces, complaints and other mail that comes back');

  event
    .command('explain')
    .description(
      'how a mail that came back is understood; changes nothing; with a database, of which delivery',
    )
    .argument('<file...>', 'a mail as it was received, with its header; - reads one from standard input')
    .option('--json', 'one line of JSON for each recipient')
    .action((files: string[], options: { json?: boolean }) => explain(config, files, options));
  inboundCommands(event, config);
}
