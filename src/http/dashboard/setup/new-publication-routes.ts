import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import type { Context } from '../../../platform/context.js';
import { usableTimeZone } from '../../../platform/text/time-zone.js';
import { createPublication, describeSlugTaken } from '../../../publications/change-publication.js';
import type { NewPublication } from '../../../publications/publication.js';
import { sendError } from '../../errors/error-responses.js';
import { readDeskForm } from '../../middleware/read-body.js';
import { zoneGroups } from '../../public/time-zones.js';
import { languageName } from '../readers/reader-words.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, sendServerPage } from '../frame/desk.js';
import { parseSetting, type Field } from '../settings/field.js';
import { readWebAddress } from '../settings/web-address.js';
import type { ShownField } from '../settings/merge-form.js';

type NewContext = Pick<Context, 'db' | 'now' | 'templates' | 'publicUrl'>;

const fields = [
  { name: 'name', label: 'Name', kind: 'text', help: 'As readers see it, on pages and in mails.' },
  { name: 'siteUrl', label: 'Address of your site', kind: 'url' },
  {
    name: 'slug',
    label: 'Name in addresses',
    kind: 'text',
    help: 'Small letters, digits and dashes. When you leave it empty it is made from the name.',
  },
  { name: 'fromAddress', label: 'Address that mail comes from', kind: 'email' },
  {
    name: 'locale',
    label: 'Language of its readers',
    kind: 'text',
    help: 'Choose one, or type a tag like pt-BR: mails are then in the nearest language there is.',
  },
  { name: 'timezone', label: 'Time zone', kind: 'zone' },
] as const satisfies readonly Field[];

const START = { locale: 'en', timezone: 'UTC' } as const;

const bodySchema = z.object(Object.fromEntries(fields.map(({ name }) => [name, z.string().catch('')])));

/** Makes a newsletter, which is set up next and is not live. */
export function newPublicationRoutes(context: NewContext): Router {
  const router = express.Router();
  router.get('/', (_req, res) => showForm(context, res, showTyped(START)));
  router.post('/', (req, res) => make(context, req, res));
  return router;
}

async function make(context: NewContext, req: Request, res: Response): Promise<void> {
  await readDeskForm(req, res);
  const body = bodySchema.safeParse(req.body ?? {});
  if (!body.success) return sendError(context, req, res, { status: 400, page: 'refused' });
  const { name = '', slug = '', siteUrl = '' } = body.data;
  const typed: Record<string, string> = {
    ...body.data,
    slug: slug.trim() === '' ? slugOf(name) : slug,
    siteUrl: readWebAddress(siteUrl),
  };
  const shown = showTyped(typed, true);
  if (shown.some(({ mistake }) => mistake !== null)) return showForm(context, res.status(422), shown);
  // Each was parsed just now.
  const settings = Object.fromEntries(
    fields.flatMap((field) => {
      const parsed = parseSetting(field, typed[field.name] ?? '');
      return parsed.kind === 'setting' ? [[field.name, parsed.value]] : [];
    }),
  ) as NewPublication;
  const created = await createPublication(asOperator(context, res), settings, { isLive: false });
  if (created.kind === 'created') return res.redirect(303, `${deskPath(settings)}/set-up?done=created`);
  const taken = describeSlugTaken(settings.slug, created);
  return showForm(
    context,
    res.status(422),
    shown.map((field) => (field.name === 'slug' ? { ...field, mistake: taken } : field)),
  );
}

function showTyped(typed: Readonly<Record<string, string>>, isChecked = false): ShownField[] {
  return fields.map((field) => {
    const value = typed[field.name] ?? '';
    const parsed = isChecked ? parseSetting(field, value) : undefined;
    const mistake = parsed?.kind === 'mistake' ? `${field.label} ${parsed.words}.` : null;
    return { ...field, value, seen: value, mistake };
  });
}

function showForm(context: NewContext, res: Response, shown: readonly ShownField[]): void {
  const zone = shown.find(({ name }) => name === 'timezone')?.value ?? 'UTC';
  sendServerPage(context, res, 'dashboard-new', {
    mistakes: shown.filter(({ mistake }) => mistake !== null),
    groups: [
      {
        id: 'new',
        heading: 'A new newsletter',
        fields: shown.map((field) =>
          field.name === 'locale' ? { ...field, suggested: languagesOf(context) } : field,
        ),
      },
    ],
    zoneGroups: zoneGroups(usableTimeZone(zone), context.now()),
  });
}

/** Those that mails and pages are translated to; any other tag can be typed. */
function languagesOf({ templates }: Pick<NewContext, 'templates'>) {
  return templates.languages.map((value) => ({ value, label: languageName(value) }));
}

/** `The Café’s Letter` -> `the-cafe-s-letter` */
function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, '');
}
