import { articleCommands } from './articles.js';
import { digestCommands } from './digests.js';
import { dkimCommands } from './dkim.js';
import { feedCommands } from './feeds.js';
import { operatorCommands } from './operators.js';
import { publicationCommands } from './publications.js';

/** What people ask for: each does its work and ends. */
export const peoplesCommands = [
  publicationCommands,
  feedCommands,
  articleCommands,
  digestCommands,
  dkimCommands,
  operatorCommands,
];
