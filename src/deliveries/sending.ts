import type { Context } from '../platform/context.js';
import type { MessageTemplate } from '../platform/mail/message-template.js';
import { createWays, type Ways } from './ways.js';

/** What a worker process needs for sending, and remembers from one batch to the next. */
export type Sending = Omit<Context, 'fetchPage'> & {
  ways: Ways;
  /** The message of a variant, cut into its pieces once and kept while it is in use. */
  template(variantId: string, open: () => Promise<MessageTemplate>): Promise<MessageTemplate>;
};

export function openSending(context: Omit<Context, 'fetchPage'>): Sending {
  return { ...context, ways: createWays(context), template: rememberTemplates() };
}

/** Variants of a digest number some dozens; each is twice the size of a mail. */
const MOST_TEMPLATES = 200;

function rememberTemplates(): Sending['template'] {
  const known = new Map<string, Promise<MessageTemplate>>();
  return (variantId, open) => {
    // Batches beside each other wait for the same one.
    const template = known.get(variantId) ?? open();
    // The one used last moves to the end, so that the first is the one that goes.
    known.delete(variantId);
    known.set(variantId, template);
    template.catch(() => known.delete(variantId));
    for (const [oldest] of known) if (known.size > MOST_TEMPLATES) known.delete(oldest);
    return template;
  };
}
