import { z } from 'zod';
import { kind } from '../kind.js';

const settings = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]))
  .meta({
    description:
      'Settings by name. Of a mail address it is the domain, of the welcome words how many characters they have.',
  });

const feedUrl = z.string().meta({ description: 'Without user, password and query.' });

/** Publications and their feeds. */
export const publicationKinds = {
  'publication.created': kind('publication', 'A publication was made, with these settings.', {
    after: settings,
  }),
  'publication.changed': kind('publication', 'Settings were changed.', { before: settings, after: settings }),
  'publication.live': kind('publication', 'It was set up, and sends digests from now on.', {
    after: z.object({ sendsReleased: z.boolean() }),
  }),
  'publication.archived': kind('publication', 'A publication was stopped for good.'),
  'feed.added': kind('feed', 'A feed is followed, or is again.', {
    after: z.object({ url: feedUrl, includeNewest: z.int() }),
  }),
  'feed.moved': kind('feed', 'A feed is read at another address.', {
    before: z.object({ url: feedUrl }),
    after: z.object({ url: feedUrl }),
  }),
  'feed.removed': kind('feed', 'A feed is not followed any more.', { before: z.object({ url: feedUrl }) }),
  'feed.backlog-skipped': kind('feed', 'Articles that a feed held already count as read; how many.', {
    after: z.object({ count: z.int() }),
  }),
};
