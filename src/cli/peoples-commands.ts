import type { Command } from 'commander';
import type { ReadConfig } from './read-config.js';

type Add = (paperround: Command, config: ReadConfig) => void;

/** What people ask for, by its noun: each does its work and ends. */
const nouns: Record<string, () => Promise<Add>> = {
  publication: async () => (await import('./publications.js')).publicationCommands,
  feed: async () => (await import('./feeds.js')).feedCommands,
  article: async () => (await import('./articles.js')).articleCommands,
  digest: async () => (await import('./digests.js')).digestCommands,
  subscriber: async () => (await import('./subscribers.js')).subscriberCommands,
  dkim: async () => (await import('./dkim.js')).dkimCommands,
  transport: async () => (await import('./transports.js')).transportCommands,
  operator: async () => (await import('./operators.js')).operatorCommands,
  token: async () => (await import('./operators.js')).operatorCommands,
};

/** The commands of one noun; all of them for help, or for a word that is none. Loading all takes twice as long. */
export async function peoplesCommands(wanted = ''): Promise<Set<Add>> {
  const only = Object.hasOwn(nouns, wanted) ? nouns[wanted] : undefined;
  const loads = only === undefined ? Object.values(nouns) : [only];
  return new Set(await Promise.all(loads.map((load) => load())));
}
