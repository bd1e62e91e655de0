import type { Context } from '../../platform/context.js';
import type { MessageTemplate } from '../../platform/mail/mime/message-template.js';
import { createServerRouter, type ServerRouter } from './server-router.js';

/** What a worker process needs for sending, and remembers from one batch to the next. */
export type WorkerContext = Omit<Context, 'fetchPage'> & {
  router: ServerRouter;
  /** The message of a variant, cut into its pieces once and kept while it is in use. */
  loadTemplate(variantId: string, open: () => Promise<MessageTemplate>): Promise<MessageTemplate>;
};

export function openWorkerContext(context: Omit<Context, 'fetchPage'>): WorkerContext {
  return { ...context, router: createServerRouter(context), loadTemplate: createTemplateCache() };
}

/** Variants of a digest number some dozens; each is twice the size of a mail. */
const MAX_CACHED_TEMPLATES = 200;

function createTemplateCache(): WorkerContext['loadTemplate'] {
  const known = new Map<string, Promise<MessageTemplate>>();
  return (variantId, open) => {
    // Batches beside each other wait for the same one.
    const template = known.get(variantId) ?? open();
    // The one used last moves to the end, so that the first is the one that goes.
    known.delete(variantId);
    known.set(variantId, template);
    template.catch(() => known.delete(variantId));
    for (const [oldest] of known) if (known.size > MAX_CACHED_TEMPLATES) known.delete(oldest);
    return template;
  };
}
