import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { checkMadePasskey, storePasskey } from '../../../operators/credentials/add-passkey.js';
import { optionsToAdd } from '../../../operators/credentials/passkey-options.js';
import { passkeySiteOf } from '../../../operators/credentials/passkey-site.js';
import { hashChosenPassword } from '../../../operators/credentials/passwords.js';
import { needsSecondFactor } from '../../../operators/credentials/second-factor.js';
import { storePassword } from '../../../operators/credentials/store-password.js';
import { operatorEmailSchema, type Operator } from '../../../operators/operator.js';
import { openRecovery, recover, requestRecovery } from '../../../operators/recovery/recover.js';
import type { Recovery } from '../../../operators/recovery/reads.js';
import type { Tx } from '../../../platform/db/database.js';
import { readForm } from '../../middleware/read-body.js';
import { browserName } from './browser-name.js';
import { credentialForm } from './passkey-routes.js';
import { describePasswordMistake } from './password-mistake.js';
import { signIn } from './password-routes.js';
import type { SignInContext } from './sign-in-context.js';
import { describeCodeMistake, describeLimit } from './sign-in-page.js';

type Opened = { recovery: Recovery; operator: Operator };
type LinkRequest = Request<{ token: string }>;
type Mistakes = { password?: string; code?: string; passkey?: boolean };

const text = z.string().max(1000).catch('');
const askForm = z.object({ email: text });
const choiceForm = z.object({ password: text, code: text });

/** Who cannot sign in asks for a link by mail, and chooses anew what she signs in with. */
export function recoveryRoutes(context: SignInContext): Router {
  const { templates } = context;
  const router = express.Router();
  const showForm = (res: Response, email: string, mistake: string | null) =>
    void res.type('html').send(templates.page('recovery', 'en', { email, mistake }));

  router.get('/', (req, res) => {
    if (req.query['done'] !== 'asked') return showForm(res, '', null);
    return void res.type('html').send(templates.page('recovery-asked', 'en', {}));
  });

  router.post('/', async (req, res) => {
    await readForm(req, res);
    const email = askForm.parse(req.body ?? {}).email.trim();
    if (!operatorEmailSchema.safeParse(email).success)
      return showForm(res.status(422), email, 'Type the address of your account, like name@example.com.');
    const attempt = await context.attempts.count(req, email, 'recovery');
    if (attempt.kind === 'limited') {
      res.status(429).set('Retry-After', String(attempt.seconds));
      return showForm(res, email, describeLimit(attempt.seconds));
    }
    await requestRecovery(context, email);
    return res.redirect(303, '/operator/recovery?done=asked');
  });

  const opened =
    (handle: (req: LinkRequest, res: Response, opened: Opened) => Promise<void>) =>
    async (req: LinkRequest, res: Response): Promise<void> => {
      const found = await openRecovery(context, req.params.token);
      if (found !== undefined) return handle(req, res, found);
      return void res
        .status(410)
        .type('html')
        .send(templates.page('recovery-over', 'en', {}));
    };

  router.get(
    '/:token',
    opened((req, res, found) => sendChoicePage(context, req, res, found)),
  );

  router.post(
    '/:token',
    opened(async (req, res, found) => {
      await readForm(req, res);
      const { password, code } = choiceForm.parse(req.body ?? {});
      const { operator } = found;
      const hashed = await hashChosenPassword(password, [operator.email, operator.name ?? '']);
      if (hashed.kind === 'refused') {
        const mistakes = { password: describePasswordMistake(hashed.mistake) };
        return sendChoicePage(context, req, res.status(422), found, mistakes);
      }
      const store = (tx: Tx) => storePassword(tx, operator.id, hashed.hash, context.now());
      return choose(context, req, res, { ...found, code }, store);
    }),
  );

  router.post(
    '/:token/passkey/options',
    opened(async (_req, res, { operator }) => void res.json((await optionsToAdd(context, operator)) ?? null)),
  );

  router.post(
    '/:token/passkey',
    opened(async (req, res, found) => {
      await readForm(req, res);
      const { credential = '' } = credentialForm.safeParse(req.body).data ?? {};
      const { code } = choiceForm.parse(req.body ?? {});
      const { id: operatorId } = found.operator;
      const made = await checkMadePasskey(context, operatorId, credential);
      if (made === undefined) return sendChoicePage(context, req, res.status(422), found, { passkey: true });
      const name = browserName(req.get('user-agent'));
      return choose(context, req, res, { ...found, code }, async (tx) => {
        await storePasskey(tx, { ...made, operatorId, name }, context.now());
      });
    }),
  );

  return router;
}

async function sendChoicePage(
  context: SignInContext,
  req: LinkRequest,
  res: Response,
  { operator }: Opened,
  { password, code, passkey = false }: Mistakes = {},
): Promise<void> {
  const data = {
    token: req.params.token,
    email: operator.email,
    needsCode: await needsSecondFactor(context, operator.id),
    carried: [],
    hasPasskeys: passkeySiteOf(context.publicUrl) !== undefined,
    passwordMistake: password ?? null,
    codeMistake: code ?? null,
    isPasskeyRefused: passkey,
  };
  res.type('html').send(context.templates.page('recovery-link', 'en', data));
}

async function choose(
  context: SignInContext,
  req: LinkRequest,
  res: Response,
  found: Opened & { code: string },
  store: (tx: Tx) => Promise<void>,
): Promise<void> {
  const { operator } = found;
  const attempt = await context.attempts.countCode(req, operator.id);
  if (attempt.kind === 'limited') {
    res.status(429).set('Retry-After', String(attempt.seconds));
    return sendChoicePage(context, req, res, found, { code: describeLimit(attempt.seconds) });
  }
  const recovered = await recover(context, found, store);
  if (recovered.kind === 'over')
    return void res
      .status(410)
      .type('html')
      .send(context.templates.page('recovery-over', 'en', {}));
  if (recovered.kind === 'code')
    return sendChoicePage(context, req, res.status(422), found, { code: describeCodeMistake(recovered.why) });
  await attempt.forgive();
  return signIn(context, req, res, {
    operatorId: operator.id,
    onward: { next: '/operator', kept: undefined },
  });
}
