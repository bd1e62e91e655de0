import type { Command } from 'commander';
import type { ReadConfig } from './read-config.js';

type RegisterCommands = (paperround: Command, config: ReadConfig) => void;

/** What people ask for, by its noun: each does its work and ends. */
const nouns: Record<string, () => Promise<RegisterCommands>> = {
  publication: async () => (await import('./commands/publication.js')).publicationCommands,
  feed: async () => (await import('./commands/feed.js')).feedCommands,
  article: async () => (await import('./commands/article.js')).articleCommands,
  digest: async () => (await import('./commands/digest/commands.js')).digestCommands,
  subscriber: async () => (await import('./commands/subscriber.js')).subscriberCommands,
  dkim: async () => (await import('./commands/dkim/commands.js')).dkimCommands,
  transport: async () => (await import('./commands/transport.js')).transportCommands,
  operator: async () => (await import('./commands/token.js')).operatorAndTokenCommands,
  token: async () => (await import('./commands/token.js')).operatorAndTokenCommands,
};

/** The commands of one noun; all of them for help, or for a word that is none. Loading all takes twice as long. */
export async function loadCommands(wanted = ''): Promise<Set<RegisterCommands>> {
  const only = Object.hasOwn(nouns, wanted) ? nouns[wanted] : undefined;
  const loads = only === undefined ? Object.values(nouns) : [only];
  return new Set(await Promise.all(loads.map((load) => load())));
}
