import type { Response } from 'express';
import type { Context } from '../../../../platform/context.js';
import type { createConcurrencyLimit } from '../../../../platform/process/limit-concurrency.js';
import type { Asked, SourceRequest } from './source-of.js';

export type PreviewContext = Pick<
  Context,
  'config' | 'db' | 'now' | 'links' | 'publicUrl' | 'templates' | 'hashAddress' | 'fetchPage'
>;

/** What previews need; all of a process share the limit, and whoever exceeds it is answered 503. */
export type Previews = { context: PreviewContext; limit: ReturnType<typeof createConcurrencyLimit> };

/** One request for a preview. */
export type Handled = { asked: Asked; req: SourceRequest; res: Response };
