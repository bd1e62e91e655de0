import express, { type Router } from 'express';
import { changeRoutes } from './change-routes.js';
import { sendSuppressionsFile } from './export-route.js';
import { fileRoutes } from './file-routes.js';
import { showDoNotMail, type DoNotMailContext } from './list-page.js';

/** Who is not mailed, whatever else is true: the list, one of it, adding and lifting, files in and out. */
export function doNotMailRoutes(context: DoNotMailContext): Router {
  const router = express.Router();
  router.get('/', (req, res) => showDoNotMail(context, req, res));
  router.post('/export.csv', (req, res) => sendSuppressionsFile(context, req, res));
  router.use(fileRoutes(context));
  router.use(changeRoutes(context));
  return router;
}
