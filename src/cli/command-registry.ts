import type { Command } from 'commander';
import type { ReadConfig } from './read-config.js';

type RegisterCommands = (paperround: Command, config: ReadConfig) => void;

/** Commands that run to an end, by their first word. */
const loaders: Record<string, () => Promise<RegisterCommands>> = {
  publication: async () => (await import('./commands/publication.js')).publicationCommands,
  feed: async () => (await import('./commands/feed.js')).feedCommands,
  article: async () => (await import('./commands/article.js')).articleCommands,
  digest: async () => (await import('./commands/digest/commands.js')).digestCommands,
  draft: async () => (await import('./commands/draft.js')).draftCommands,
  subscriber: async () => (await import('./commands/subscriber.js')).subscriberCommands,
  import: async () => (await import('./commands/import/commands.js')).importCommands,
  suppression: async () => (await import('./commands/suppression/commands.js')).suppressionCommands,
  dkim: async () => (await import('./commands/dkim/commands.js')).dkimCommands,
  doctor: async () => (await import('./commands/doctor.js')).doctorCommands,
  event: async () => (await import('./commands/event/commands.js')).eventCommands,
  failed: async () => (await import('./commands/failed.js')).failedCommands,
  transport: async () => (await import('./commands/transport.js')).transportCommands,
  hook: async () => (await import('./commands/hook.js')).hookCommands,
  operator: async () => (await import('./commands/operator.js')).operatorCommands,
  'after-restore': async () => (await import('./commands/after-restore.js')).afterRestoreCommands,
  audit: async () => (await import('./commands/audit.js')).auditCommands,
  token: async () => (await import('./commands/token.js')).tokenCommands,
};

/**
 * The commands with one first word; all commands for help and for an unknown word. Loading one is twice as fast as
 * loading all.
 */
export async function loadCommands(wanted = ''): Promise<RegisterCommands[]> {
  const only = Object.hasOwn(loaders, wanted) ? loaders[wanted] : undefined;
  const loads = only === undefined ? Object.values(loaders) : [only];
  return Promise.all(loads.map((load) => load()));
}
