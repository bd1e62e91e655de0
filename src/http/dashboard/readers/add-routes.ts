import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import type { Context } from '../../../platform/context.js';
import { domainOf } from '../../../platform/mail/address.js';
import { cadences, type Publication } from '../../../publications/publication.js';
import { parseAddress } from '../../../subscribers/address.js';
import { takesMail } from '../../../subscribers/sign-up/check-form.js';
import { insertTrustedRequest } from '../../../subscribers/sign-up/record-requests.js';
import { addressHashes } from '../../../subscribers/suppression/address-hashes.js';
import { isErased, isSuppressed } from '../../../subscribers/suppression/reads.js';
import { readForm } from '../../middleware/read-body.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { actOnce, onceFlashes } from '../frame/once.js';
import { rhythmWords } from './reader-words.js';

type AddContext = Pick<Context, 'db' | 'now' | 'templates' | 'hashAddress' | 'checkMailDomain'>;

const addSchema = z.object({
  email: z.string().max(500).catch(''),
  rhythm: z.enum(cadences).or(z.literal('')).catch(''),
});

type Typed = z.infer<typeof addSchema>;

/** A page to add one reader: she is always asked to confirm, as after the form. */
export function addReaderRoutes(context: AddContext): Router {
  const router = express.Router();
  router.get('/new', (req, res) =>
    showForm(context, res, { email: '', rhythm: '' }, { flash: findFlash(flashes, req.query['done']) }),
  );
  router.post('/', (req, res) => add(context, req, res));
  return router;
}

async function add(context: AddContext, req: Request, res: Response): Promise<void> {
  await readForm(req, res);
  const typed = addSchema.parse(req.body ?? {});
  const { publication } = publicationDeskOf(res);
  const checked = await checkAddress(context, publication, typed.email);
  if (checked.kind === 'mistake')
    return showForm(context, res.status(422), typed, { mistake: checked.mistake });
  const path = `${deskPath(publication)}/readers/new`;
  const wish = { timezone: null, locale: null, topics: [], source: null };
  const cadence = typed.rhythm === '' ? null : typed.rhythm;
  const once = await actOnce(context, req, res, async (db) => {
    const request = { publicationId: publication.id, email: checked.email, cadence, ...wish };
    await db.transaction((tx) => insertTrustedRequest(tx, request, null, context.now()));
    return `${path}?done=asked`;
  });
  return res.redirect(303, once.kind === 'done' ? once.location : `${path}?done=${once.kind}`);
}

type Checked = { kind: 'fine'; email: string } | { kind: 'mistake'; mistake: string };

async function checkAddress(context: AddContext, publication: Publication, typed: string): Promise<Checked> {
  const refuse = (why: string): Checked => ({ kind: 'mistake', mistake: `Nobody was mailed. ${why}` });
  if (publication.archivedAt !== null) return refuse('The newsletter is archived.');
  const parsed = parseAddress(typed);
  if (parsed.kind === 'malformed') return refuse('This is not a complete mail address.');
  const { email, key } = parsed.address;
  const domain = domainOf(email);
  if (!(await takesMail(context, domain))) return refuse(`${domain} takes no mail. Is it misspelt?`);
  const hashes = addressHashes(context.hashAddress, key);
  if (await isErased(context.db, publication.id, hashes[0]))
    return refuse('This person had herself erased. Only she can sign up again, with the form.');
  if (await isSuppressed(context.db, publication.id, hashes))
    return refuse('This address is on Do not mail. Who wants mail again signs up with the form.');
  return { kind: 'fine', email };
}

function showForm(
  context: Pick<Context, 'templates'>,
  res: Response,
  typed: Typed,
  { mistake = null, flash = null }: { mistake?: string | null; flash?: string | null },
): void {
  return sendDeskPage(context, res, 'dashboard-reader-new', {
    typed,
    mistake,
    flash,
    rhythms: cadences.map((value) => ({ value, label: rhythmWords[value] })),
  });
}

const flashes: Readonly<Record<string, string>> = {
  ...onceFlashes,
  asked:
    'She is asked by mail to confirm. Until she has pressed the button in it, she stands under Waiting; who reads already is told so, and nothing changes.',
};
