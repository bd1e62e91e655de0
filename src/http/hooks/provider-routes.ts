import express, { type Response, type Router } from 'express';
import { confirmTopic, endTopic } from '../../events/providers/confirm-topic.js';
import type { Hook, Refusal } from '../../events/providers/hook.js';
import { noteRefusal } from '../../events/providers/note-refusal.js';
import { providers, type Provider } from '../../events/providers/provider.js';
import { receiveRequest } from '../../events/providers/receive-request.js';
import { listHooksOf } from '../../events/providers/reads.js';
import type { Context } from '../../platform/context.js';
import { readHookBody } from '../middleware/read-body.js';
import { verifyMailgun } from './mailgun.js';
import { verifySendgrid } from './sendgrid.js';
import { verifySes } from './ses.js';
import { carriesSecret, verifySecret } from './shared-secret.js';
import { createSnsCertificates } from './sns-certificates.js';
import { refuse, type Genuine, type HookRequest, type Refused, type Verdict } from './verdict.js';

type HookContext = Pick<Context, 'db' | 'now' | 'log' | 'config' | 'links' | 'hashAddress' | 'fetchPage'>;
type Verify = (request: HookRequest, hooks: readonly Hook[]) => Verdict | Promise<Verdict>;

/** What providers of mail tell of it: bounces, complaints and the like. Each proves itself as it can. */
export function providerHookRoutes(context: HookContext): Router {
  const router = express.Router();
  const certificates = createSnsCertificates(context);
  const verifiers: Readonly<Record<Provider, Verify>> = {
    ses: (request, hooks) => verifySes(certificates, request, hooks),
    mailgun: (request, hooks) => verifyMailgun(context, request, hooks),
    sendgrid: verifySendgrid,
    postmark: verifySecret,
    brevo: verifySecret,
  };
  router.post('/hooks/:provider', async (req, res, next) => {
    const provider = providers.find((one) => one === req.params.provider);
    if (provider === undefined) return next();
    const hooks = await listHooksOf(context.db, provider);
    const header = (name: string) => req.get(name);
    // A body is read for nobody who has nothing to show.
    if (hooks.length === 0) return sendRefusal(context, res, refuse('unsigned', []));
    if (verifiers[provider] === verifySecret && !carriesSecret(header('authorization'), hooks))
      return sendRefusal(context, res, refuse('wrong-secret', hooks));
    await readHookBody(req, res);
    const body: Buffer = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
    const verdict = await verifiers[provider]({ header, body }, hooks);
    return verdict.kind === 'genuine'
      ? take(context, res, verdict, body)
      : sendRefusal(context, res, verdict);
  });
  return router;
}

/** Answers 200 once all of it is stored. */
async function take(context: HookContext, res: Response, genuine: Genuine, body: Buffer): Promise<void> {
  const { hook, key, topic } = genuine;
  if (topic?.kind === 'confirmation') return confirm(context, res, hook, topic.link);
  const received = await receiveRequest(context, hook, { key, body });
  // Mailgun's signature would fit any body.
  if (received === 'used') return sendRefusal(context, res, refuse('token-used', [hook]));
  if (topic?.kind === 'end' && received === 'recorded') await endTopic(context, hook);
  res.status(200).end();
}

async function confirm(
  context: HookContext,
  res: Response,
  { id, topicArn }: Hook,
  link: string,
): Promise<void> {
  const confirmed = await confirmTopic(context, { id, topicArn }, link);
  if (confirmed === 'confirmed') return void res.status(200).end();
  const isUnavailable = confirmed === 'unavailable';
  const refusal: Refusal = isUnavailable ? 'confirmation-failed' : 'wrong-link';
  return sendRefusal(context, res, { kind: 'refused', refusal, hooks: [{ id }], isUnavailable });
}

/** Seconds until a provider may send again what could not be checked. */
const RETRY_AFTER_SECONDS = 60;

async function sendRefusal(
  context: HookContext,
  res: Response,
  { refusal, hooks, isUnavailable }: Refused,
): Promise<void> {
  await noteRefusal(context, hooks, refusal);
  if (isUnavailable) return void res.status(503).set('Retry-After', String(RETRY_AFTER_SECONDS)).end();
  if (refusal !== 'wrong-secret') return void res.status(403).end();
  res.status(401).set('WWW-Authenticate', 'Basic realm="hooks"').end();
}
