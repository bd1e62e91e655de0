import express, { type Router } from 'express';
import type { Context } from '../../../platform/context.js';
import { feedRoutes, type FeedContext } from './feed-routes.js';
import { newsletterFields } from './newsletter-fields.js';
import { settingsForm, type SettingsContext } from './settings-form.js';

/** The pages below `…/settings`. */
export function settingsRoutes(context: SettingsContext & FeedContext & Pick<Context, 'config'>): Router {
  const router = express.Router();
  const newsletter = settingsForm(context, {
    template: 'dashboard-settings',
    path: '/settings',
    groups: newsletterFields(context),
  });
  router.get('/', newsletter.show);
  router.post('/', newsletter.save);
  router.use('/feeds', feedRoutes(context));
  return router;
}
