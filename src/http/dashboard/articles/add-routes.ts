import type { Request, Response } from 'express';
import { pushArticle, type PushedArticle } from '../../../articles/ingest/push-article.js';
import type { Context } from '../../../platform/context.js';
import { readDeskForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { actOnce, onceFlashes } from '../frame/once.js';
import {
  formFields,
  NO_FIELDS,
  parseField,
  seenMark,
  typedFields,
  type FormField,
  type ShownField,
} from './article-form.js';

type AddContext = Pick<Context, 'db' | 'now' | 'templates'>;
type Form = { fields: readonly ShownField[]; release: boolean; mistake?: string };

/** The form that adds an article by hand. */
export function showAddForm(context: AddContext, res: Response, form?: Form): void {
  const { fields = shown(NO_FIELDS, {}), release = false, mistake } = form ?? {};
  return sendDeskPage(context, res, 'dashboard-article-new', { fields, release, mistake: mistake ?? null });
}

export async function addArticle(context: AddContext, req: Request, res: Response): Promise<void> {
  await readDeskForm(req, res);
  const typed = { ...NO_FIELDS, ...typedFields(req.body) };
  const release = (req.body as { release?: unknown } | undefined)?.release === 'on';
  const { values, mistakes } = parseAll(typed);
  const again = (mistake?: string) =>
    showAddForm(context, res.status(422), {
      fields: shown(typed, mistakes),
      release,
      ...(mistake === undefined ? {} : { mistake }),
    });
  if (Object.keys(mistakes).length > 0) return again();
  const { publication } = publicationDeskOf(res);
  if (publication.archivedAt !== null) return again('This newsletter is archived: it takes no articles.');
  const articles = `${deskPath(publication)}/articles`;
  const once = await actOnce(context, req, res, async (db) => {
    const own = asOperator({ ...context, db }, res);
    const pushed = await pushArticle(own, publication, { ...values, release } as PushedArticle);
    return `${articles}/${pushed.id}?done=${pushed.kind === 'known' ? 'known' : 'added'}`;
  });
  if (once.kind === 'done') return res.redirect(303, once.location);
  return again(onceFlashes[once.kind]);
}

/** What can be used, and what cannot in words, by field. */
export function parseAll(typed: Partial<Record<FormField, string>>): {
  values: Partial<Record<FormField, unknown>>;
  mistakes: Partial<Record<FormField, string>>;
} {
  const values: Partial<Record<FormField, unknown>> = {};
  const mistakes: Partial<Record<FormField, string>> = {};
  for (const name of formFields) {
    const text = typed[name];
    if (text === undefined) continue;
    const parsed = parseField(name, text);
    if (parsed.kind === 'mistake') mistakes[name] = parsed.words;
    else values[name] = parsed.value;
  }
  return { values, mistakes };
}

/** @param seen what the fields said when the page was made; absent: as typed */
export function shown(
  typed: Partial<Record<FormField, string>>,
  mistakes: Partial<Record<FormField, string>>,
  seen: Partial<Record<FormField, string>> = typed,
): ShownField[] {
  return formFields.flatMap((name) => {
    const value = typed[name];
    if (value === undefined) return [];
    return [{ name, value, mistake: mistakes[name] ?? null, seen: seenMark(seen[name] ?? '') }];
  });
}
