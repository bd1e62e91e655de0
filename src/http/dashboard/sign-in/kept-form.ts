import type { Request, Response } from 'express';
import { z } from 'zod';
import { DESK_FORM_MAX_BYTES, readDeskForm } from '../../middleware/read-body.js';
import { requestedPath } from '../../middleware/base-path.js';
import { findNeed } from '../frame/access.js';
import { safeNextPath } from './next-path.js';

/** A form that was sent by a browser that was not signed in any more: it is shown again, and sent when its button is pressed. */
export type KeptForm = {
  /** Below the base path. */
  path: string;
  fields: [name: string, value: string][];
  /** The page that it was on, where the browser said so. */
  back: string;
};

/** What is typed anew rather than carried through pages. */
const SECRET_NAME = /password|code|credential|secret/i;
/** By which somebody shows that it is she. */
const CONFIRMATION_NAME = /^confirm-/;

const keptSchema = z.object({
  path: z.string().max(2000),
  fields: z.array(z.tuple([z.string().max(200), z.string()])).max(500),
  back: z.string().max(2000),
});

/**
 * The form of a request, to be kept. Undefined for what is no form, or is too large to carry along.
 * @throws what reading a body throws, but for one that is too large
 */
export async function keepForm(req: Request, res: Response): Promise<KeptForm | undefined> {
  if (!req.is('application/x-www-form-urlencoded')) return undefined;
  // The parser would wait for all of it before it says so.
  if (Number(req.get('content-length') ?? 0) > DESK_FORM_MAX_BYTES) return undefined;
  try {
    await readDeskForm(req, res);
  } catch (error) {
    if ((error as { status?: unknown }).status === 413) return undefined;
    throw error;
  }
  return { path: requestedPath(req), fields: fieldsOf(req.body), back: safeNextPath(refererPath(req)) };
}

/** The fields of a form in their order, without what is typed anew. */
function fieldsOf(body: unknown): [string, string][] {
  return allFieldsOf(body).filter(([name]) => !SECRET_NAME.test(name));
}

/** The same with all that a form has, but for what shows that it is she. */
export function allFieldsOf(body: unknown): [string, string][] {
  return Object.entries((body ?? {}) as Record<string, unknown>)
    .filter(([name]) => !CONFIRMATION_NAME.test(name))
    .flatMap(([name, value]) =>
      [value].flat().flatMap((one): [string, string][] => (typeof one === 'string' ? [[name, one]] : [])),
    );
}

/** For a hidden field of the pages in between. */
export function writeKept(form: KeptForm | undefined): string | null {
  return form === undefined ? null : JSON.stringify(form);
}

/** Undefined for what is none, or would go anywhere but to a form of the dashboard. */
export function readKept(text: unknown): KeptForm | undefined {
  const parsed = keptSchema.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const { path, fields, back } = parsed.data;
  const safe = safeNextPath(path);
  const need = findNeed('POST', safe.slice('/operator'.length).split('?')[0] ?? '');
  if (safe !== path || need === undefined || need === 'public') return undefined;
  return { path, fields, back: safeNextPath(back) };
}

function parseJson(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Below the base path. */
function refererPath(req: Request): string | undefined {
  const referer = req.get('referer');
  if (referer === undefined || !URL.canParse(referer)) return undefined;
  const { pathname, search } = new URL(referer);
  const base = req.originalUrl.slice(0, req.originalUrl.length - requestedPath(req).length);
  return pathname.startsWith(base) ? pathname.slice(base.length) + search : undefined;
}
