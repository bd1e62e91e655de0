import express, { type Response, type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { listPublications } from '../../../publications/reads.js';
import type { Publication } from '../../../publications/publication.js';
import { addressMistake, parseAddress } from '../../../subscribers/address.js';
import { requestLeave } from '../../../subscribers/preferences/link-request.js';
import { sendTooManyRequests } from '../../errors/error-responses.js';
import { createNetworkLimit } from '../../middleware/network-limit.js';
import { readForm } from '../../middleware/read-body.js';
import { privatePage } from '../../middleware/security-headers.js';
import { typedEmail } from '../manage/lost-link-routes.js';

export type AskContext = Pick<Context, 'db' | 'now' | 'templates'>;

const PATH = '/old-link/address';

type Typed = { email?: string; slug?: string };

/**
 * For links of before whose reader is not known: she is asked for her address, which is let go where it is subscribed. The answer is the
 * same for every address. Who is let go is told by mail, with a way back: somebody else may have typed it.
 */
export function addressRoutes(context: AskContext): Router {
  const limit = createNetworkLimit(context, 'link');
  const router = express.Router();

  router.get(PATH, privatePage, async (req, res) => {
    if (req.query['done'] !== 'asked') return await showAskForAddress(context, res, {});
    const publication = await findNamed(context, slugIn(req.query['newsletter']));
    return sendPage(context, res, 'old-link-asked', publication, {});
  });

  router.post(PATH, privatePage, async (req, res) => {
    await readForm(req, res);
    const email = typedEmail(req);
    const slug = slugIn((req.body as { newsletter?: unknown } | undefined)?.newsletter);
    const publication = await findNamed(context, slug);
    const parsed = parseAddress(email);
    if (parsed.kind === 'malformed' || publication === undefined)
      return await showAskForAddress(context, res.status(422), { email, slug });
    const limited = await limit(req.ip);
    if (limited.kind === 'limited')
      return sendTooManyRequests(context, req, res, publication, limited.seconds);
    await requestLeave(context, { publicationId: publication.id, email: parsed.address.email });
    return res.redirect(303, `${PATH}?done=asked&newsletter=${publication.slug}`);
  });

  return router;
}

function slugIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The only newsletter needs no name. */
async function findNamed({ db }: Pick<Context, 'db'>, slug: string): Promise<Publication | undefined> {
  const newsletters = await listPublications(db);
  if (newsletters.length === 1) return newsletters[0];
  return newsletters.find((one) => one.slug === slug);
}

export async function showAskForAddress(
  context: AskContext,
  res: Response,
  { email, slug = '' }: Typed,
): Promise<void> {
  const newsletters = await listPublications(context.db);
  const [first, ...others] = newsletters;
  const publication =
    newsletters.find((one) => one.slug === slug) ?? (others.length === 0 ? first : undefined);
  const locale = publication?.locale ?? first?.locale ?? 'en';
  return sendPage(context, res, 'old-link-unknown', publication, {
    email: email ?? '',
    mistake: emailMistake(context, locale, email),
    newsletterMistake: email !== undefined && publication === undefined,
    newsletters:
      others.length === 0 ? [] : newsletters.map(({ name, slug: value }) => ({ name, slug: value })),
    slug,
    locale,
  });
}

function emailMistake({ templates }: AskContext, locale: string, email: string | undefined): string {
  if (email === undefined || parseAddress(email).kind === 'address') return '';
  const key = email.trim() === '' ? 'empty' : (addressMistake(email) ?? 'malformed');
  return templates.t(locale, `errors.email.${key}`);
}

function sendPage(
  { templates }: AskContext,
  res: Response,
  page: string,
  publication: Publication | undefined,
  data: Record<string, unknown> & { locale?: string },
): void {
  const locale = publication?.locale ?? data.locale ?? 'en';
  res.type('html').send(templates.page(page, locale, { publication: publication ?? null, ...data }));
}
