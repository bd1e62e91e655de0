import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Context } from '../../../platform/context.js';
import { usableTimeZone } from '../../../platform/text/time-zone.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import { describeSlugTaken } from '../../../publications/change-publication.js';
import { changeUnlessChanged } from '../../../publications/change-unless-changed.js';
import { settingsSchema, type Publication } from '../../../publications/publication.js';
import { sendError } from '../../errors/error-responses.js';
import { readDeskForm } from '../../middleware/read-body.js';
import { zoneGroups } from '../../public/time-zones.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import type { Field, FieldGroup, SettingName } from './field.js';
import { hasMistake, mergeForm, showFields, type MergedForm, type ShownField } from './merge-form.js';

export type SettingsContext = Pick<Context, 'db' | 'now' | 'templates' | 'publicUrl'>;

/** A page with a form of settings. */
export type SettingsPage = {
  template: string;
  /** What follows the publication's path. */
  path: string;
  groups: readonly FieldGroup[];
  /** What it says after others of its forms, by the word in the address. */
  flashes?: Readonly<Record<string, string>>;
  /** What else the page shows. */
  readMore?: (publication: Publication) => Promise<TemplateData>;
};

type SettingsForm = {
  show(req: Request, res: Response): Promise<void>;
  save(req: Request, res: Response): Promise<void>;
};

/** The handlers of such a page. A form with a mistake is shown again as it was sent, and nothing of it is saved. */
export function settingsForm(context: SettingsContext, page: SettingsPage): SettingsForm {
  const fields = page.groups.flatMap((group) => group.fields);
  return {
    show: (req, res) => {
      const shown = showFields(fields, publicationDeskOf(res).publication);
      return showForm(context, res, page, {
        shown,
        flash: findFlash(page.flashes ?? {}, req.query['done']) ?? readFlash(req, fields),
      });
    },
    save: async (req, res) => {
      await readDeskForm(req, res);
      const body = formSchema.safeParse(req.body);
      if (!body.success) return sendError(context, req, res, { status: 400, page: 'refused' });
      const { publication } = publicationDeskOf(res);
      const saved = await saveForm(asOperator(context, res), fields, body.data, publication);
      if (saved.kind === 'shown-again')
        return showForm(context, res.status(422), page, { shown: saved.fields, flash: null });
      return res.redirect(303, deskPath(saved.publication) + page.path + saved.query);
    },
  };
}

/** A field that came several times is none of ours. */
const formSchema = z.record(
  z.string(),
  z.string().transform((text) => text.replaceAll('\r\n', '\n')),
);

type SavedForm =
  | { kind: 'saved'; publication: Pick<Publication, 'slug'>; query: string }
  | { kind: 'shown-again'; fields: ShownField[] };

async function saveForm(
  context: SettingsContext & Pick<Context, 'actor'>,
  fields: readonly Field[],
  body: Record<string, string>,
  publication: Publication,
): Promise<SavedForm> {
  const merged = mergeForm(fields, body, publication);
  if (hasMistake(merged)) return { kind: 'shown-again', fields: merged.fields };
  const result = await changeUnlessChanged(context, publication, merged.change);
  if (result.kind === 'changed-meanwhile') return saveForm(context, fields, body, result.publication);
  if (result.kind === 'slug-taken') {
    const mistake = describeSlugTaken(merged.change.slug ?? '', result);
    return {
      kind: 'shown-again',
      fields: merged.fields.map((field) => (field.name === 'slug' ? { ...field, mistake } : field)),
    };
  }
  const slug = merged.change.slug ?? publication.slug;
  return { kind: 'saved', publication: { slug }, query: savedQuery(merged, publication.slug) };
}

/** What the page says afterwards: by its address, so that the page can be loaded again. */
function savedQuery({ change, changedByOthers }: MergedForm, slugBefore: string): string {
  const query = new URLSearchParams({ done: Object.keys(change).length === 0 ? 'nothing' : 'saved' });
  if (change.slug !== undefined) query.set('was', slugBefore);
  if (changedByOthers.length > 0) query.set('also', changedByOthers.join(' '));
  return `?${query.toString()}`;
}

const querySchema = z.object({
  done: z.enum(['saved', 'nothing']),
  was: settingsSchema.shape.slug.optional(),
  also: z.string().optional(),
});

function readFlash({ query }: Pick<Request, 'query'>, fields: readonly Field[]): string | null {
  const parsed = querySchema.safeParse(query);
  if (!parsed.success) return null;
  const { done, was, also = '' } = parsed.data;
  const labels = fields.flatMap(({ name, label }) => (also.split(' ').includes(name) ? [`“${label}”`] : []));
  return [
    done === 'saved'
      ? 'Saved. Mails made from now on use it.'
      : 'Nothing was different, so nothing was changed.',
    ...(was === undefined ? [] : [describeMove(was)]),
    ...(labels.length === 0
      ? []
      : [`Somebody else has changed ${labels.join(', ')} meanwhile; that is kept.`]),
  ].join(' ');
}

function describeMove(was: string): string {
  return `Forms, feeds and links that name “${was}” go on working and lead to the new name; no other newsletter can take the old one. Templates of your own in a folder “${was}” have to be renamed on the server.`;
}

type Shown = { shown: readonly ShownField[]; flash: string | null };

async function showForm(
  context: SettingsContext,
  res: Response,
  { template, groups, path, readMore }: SettingsPage,
  { shown, flash }: Shown,
): Promise<void> {
  const { publication } = publicationDeskOf(res);
  const named = new Map<SettingName, ShownField>(shown.map((field) => [field.name, field]));
  const zone = named.get('timezone')?.value;
  sendDeskPage(context, res, template, {
    ...(await readMore?.(publication)),
    flash,
    action: path,
    mistakes: shown.filter(({ mistake }) => mistake !== null),
    groups: groups.map((group) => ({
      ...group,
      fields: group.fields.map(({ name }) => named.get(name)),
    })),
    zoneGroups: zone === undefined ? [] : zoneGroups(usableTimeZone(zone), context.now()),
  });
}
