import express, { type Router } from 'express';
import { feedRoutes, type FeedContext } from './feed-routes.js';
import { historyRoutes } from './history-routes.js';
import { newsletterFields } from './newsletter-fields.js';
import type { PeopleContext } from './people-page.js';
import { peopleRoutes } from './people-routes.js';
import { programRoutes } from './program-routes.js';
import { senderRoutes, type SenderContext } from './sender-routes.js';
import { settingsForm } from './settings-form.js';

/** The pages below `…/settings`. */
export function settingsRoutes(context: SenderContext & FeedContext & PeopleContext): Router {
  const router = express.Router();
  const newsletter = settingsForm(context, {
    template: 'dashboard-settings',
    path: '/settings',
    groups: newsletterFields(context),
  });
  router.get('/', newsletter.show);
  router.post('/', newsletter.save);
  router.use('/feeds', feedRoutes(context));
  router.use('/sender', senderRoutes(context));
  router.use('/people', peopleRoutes(context));
  router.use('/programs', programRoutes(context));
  router.use('/history', historyRoutes(context));
  return router;
}
