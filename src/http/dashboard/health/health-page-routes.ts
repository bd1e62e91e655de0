import express, { type Request, type Response, type Router } from 'express';
import { readHealth } from '../../../dashboard/health.js';
import { describeHealth, type HealthItem } from '../../../dashboard/health-items.js';
import { findRole, mayDo } from '../../../operators/permissions.js';
import type { Context } from '../../../platform/context.js';
import { formatWeekdayTime } from '../../../platform/text/format-dates.js';
import type { Publication } from '../../../publications/publication.js';
import { deskOf, deskPath, sendServerPage, setDesk } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { circuitFlashes } from './circuit-routes.js';

type HealthContext = Pick<Context, 'config' | 'db' | 'mailer' | 'now' | 'templates'>;

/** Mail servers, jobs, clocks, feeds and what was left out: what readers notice of each, and what to do. */
export function healthPageRoutes(context: HealthContext): Router {
  const router = express.Router();
  router.get('/', (req, res) => showHealth(context, req, res));
  return router;
}

async function showHealth(context: HealthContext, req: Request, res: Response): Promise<void> {
  const { db, now, templates } = context;
  const { publications } = deskOf(res);
  const changeable = await listChangeable(db, res);
  const [first] = publications;
  const formatTime = (moment: Date) => formatWeekdayTime(moment, first?.timezone ?? 'UTC', 'en');
  const health = await readHealth(context, publications);
  const resume = () => 'press “Resume”.';
  const areas = describeHealth(health, { templates, now: now(), formatTime, resume, publications });
  const bad = areas.flatMap(({ items }) => items.filter(({ isWell }) => !isWell)).length;
  // What is kept for the rail may be some seconds old.
  setDesk(res, { ...deskOf(res), hasTrouble: bad > 0 });
  sendServerPage(context, res, 'dashboard-health', {
    flash: findFlash(flashes, req.query['done']),
    bad,
    areas: areas.map((area) => ({
      ...area,
      items: area.items.map((item) => ({ ...item, ...buttonOf(area.id, item, changeable) })),
    })),
  });
}

async function listChangeable(db: Context['db'], res: Response): Promise<Publication[]> {
  const { operator, publications } = deskOf(res);
  const roles = await Promise.all(publications.map(({ id }) => findRole(db, operator, id)));
  return publications.filter((_, at) => {
    const role = roles[at];
    return role !== undefined && mayDo(role, 'change');
  });
}

type Button = { action: string; label: string } | { link: string; label: string };

/** What can be pressed about an item; a mail server is nobody's own, and whoever may change a newsletter may press. */
function buttonOf(
  area: string,
  { title, circuitId, publicationId, digestId }: HealthItem,
  changeable: readonly Publication[],
): { button: Button | null } {
  const [any] = changeable;
  const own = changeable.find(({ id }) => id === publicationId);
  if (circuitId !== undefined && any !== undefined)
    return {
      button: { action: `${deskPath(any)}/circuits/${circuitId}/resume`, label: `Resume mail to ${title}` },
    };
  if (own === undefined) return { button: null };
  if (digestId !== undefined)
    return { button: { link: `${deskPath(own)}/digests/${digestId}`, label: 'To the digest' } };
  return area === 'feeds'
    ? { button: { link: `${deskPath(own)}/settings/feeds`, label: 'To the feeds' } }
    : { button: { action: `${deskPath(own)}/failed-rows/retry`, label: `Try again now: ${title}` } };
}

const flashes: Record<string, string> = {
  ...circuitFlashes,
  retried: 'A running worker tries it again within minutes.',
};
