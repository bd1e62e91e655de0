import { LRUCache } from 'lru-cache';
import type { Context } from '../../platform/context.js';
import type { MessageTemplate } from '../../platform/mail/mime/message-template.js';
import { createServerRouter, type ServerRouter } from './server-router.js';

/** What a worker process needs for sending, and remembers from one batch to the next. */
export type WorkerContext = Omit<Context, 'fetchPage'> & {
  router: ServerRouter;
  /** The message of a variant, cut into its pieces once and cached while it is in use. */
  loadTemplate(variantId: string, load: () => Promise<MessageTemplate>): Promise<MessageTemplate>;
};

export function openWorkerContext(context: Omit<Context, 'fetchPage'>): WorkerContext {
  return { ...context, router: createServerRouter(context), loadTemplate: createTemplateCache() };
}

/** Variants of a digest number some dozens; each is twice the size of a mail. */
const MAX_CACHED_TEMPLATES = 200;

/** Batches that are sent side by side wait for the same template. One that cannot be loaded is tried again. */
function createTemplateCache(): WorkerContext['loadTemplate'] {
  const templates = new LRUCache<string, Promise<MessageTemplate>>({ max: MAX_CACHED_TEMPLATES });
  return (variantId, load) => {
    const cached = templates.get(variantId);
    if (cached !== undefined) return cached;
    const template = load();
    templates.set(variantId, template);
    template.catch(() => templates.delete(variantId));
    return template;
  };
}
