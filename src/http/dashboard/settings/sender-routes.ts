import express, { type Request, type Response, type Router } from 'express';
import { checkSender, senderDomains } from '../../../publications/check-sender.js';
import type { Context } from '../../../platform/context.js';
import { activateDkimKeys } from '../../../transports/dkim/activate-keys.js';
import { createDkimKeys } from '../../../transports/dkim/create-keys.js';
import { readDeskForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { publicationDeskOf } from '../frame/desk.js';
import { leadBack } from '../setup/lead-back.js';
import { readDnsPart } from './dns-page.js';
import { senderFields } from './sender-fields.js';
import { settingsForm, type SettingsContext } from './settings-form.js';

export type SenderContext = SettingsContext & Pick<Context, 'config' | 'dns' | 'fetchPage' | 'mailer'>;

const PAGE = '/settings/sender';

/** In whose name mail comes, what the DNS says about it, and the keys that sign it. */
export function senderRoutes(context: SenderContext): Router {
  const router = express.Router();
  const form = settingsForm(context, {
    template: 'dashboard-settings-sender',
    path: PAGE,
    groups: senderFields,
    flashes,
    readMore: (publication) => readDnsPart(context, publication),
  });
  router.get('/', form.show);
  router.post('/', form.save);
  router.post('/check', async (req, res) => {
    await readDeskForm(req, res);
    await checkSender(context, publicationDeskOf(res).publication);
    return leadBack(req, res, PAGE, 'checked');
  });
  router.post('/keys', (req, res) => makeKeys(context, req, res));
  router.post('/keys/activation', (req, res) => activateKeys(context, req, res));
  return router;
}

/** The first keys of each domain that has none. */
async function makeKeys(context: SenderContext, req: Request, res: Response): Promise<void> {
  const { publication } = publicationDeskOf(res);
  for (const domain of senderDomains(publication))
    await createDkimKeys(asOperator(context, res), { domain, algorithms: ['rsa-sha256', 'ed25519-sha256'] });
  await checkSender(context, publication);
  return leadBack(req, res, PAGE, 'keys-made');
}

/** Only what the DNS has signs: mail with a key that nobody can look up is taken for false. */
async function activateKeys(context: SenderContext, req: Request, res: Response): Promise<void> {
  const { publication } = publicationDeskOf(res);
  const results = [];
  for (const domain of senderDomains(publication))
    results.push(
      await activateDkimKeys(asOperator(context, res), domain, (name) => context.dns.resolveTxt(name)),
    );
  await checkSender(context, publication);
  const isMissing = results.some(({ kind }) => kind === 'unpublished');
  return leadBack(req, res, PAGE, isMissing ? 'keys-unpublished' : 'keys-sign');
}

const flashes: Record<string, string> = {
  checked: 'Looked at the DNS just now. What was found is below.',
  'keys-made': 'Keys are made. Publish their records; until they sign nothing changes.',
  'keys-sign': 'Mail is signed with these keys from now on; workers know within half a minute.',
  'keys-unpublished':
    'The DNS does not show every record yet, so those keys do not sign. A new record can take some hours to be seen.',
};
