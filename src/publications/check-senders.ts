import { runEach } from '../platform/process/run-each.js';
import { checkSender } from './check-sender.js';
import { listPublications } from './reads.js';

/**
 * Looks at the DNS of every newsletter's sender, and keeps what was found. One that fails does not keep the others.
 */
export async function checkSenders(context: Parameters<typeof checkSender>[0]): Promise<void> {
  const publications = await listPublications(context.db);
  await runEach(publications.map((publication) => () => checkSender(context, publication)));
}
