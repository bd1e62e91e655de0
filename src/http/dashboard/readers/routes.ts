import express, { type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { sendExport, showExportPage } from './export-page.js';
import { addReaderRoutes } from './add-routes.js';
import { showReaders, showWaiting } from './list-page.js';
import type { ReaderContext } from './reader-page.js';
import { readerPageRoutes } from './reader-routes.js';
import { togetherRoutes } from './together-routes.js';
import { signUpRoutes } from './sign-up-routes.js';

/** The list of readers and the page of each, who waits, sign-ups that are held, and who is not mailed. */
export function readerRoutes(context: ReaderContext & Pick<Context, 'checkMailDomain' | 'config'>): Router {
  const router = express.Router();
  router.get('/', (req, res) => showReaders(context, req, res));
  router.get('/waiting', (req, res) => showWaiting(context, req, res));
  router.get('/export', (req, res) => showExportPage(context, req, res));
  router.post('/export', (req, res) => sendExport(context, req, res));
  router.use(addReaderRoutes(context));
  router.use(togetherRoutes(context));
  router.use(signUpRoutes(context));
  router.use(readerPageRoutes(context));
  return router;
}
