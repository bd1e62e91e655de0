import type { Subscription } from '../../src/subscribers/subscription.js';

/** A confirmed reader of all topics, daily at seven in Nairobi, who was never mailed; `change` makes her different. */
export function createSubscription(change: Partial<Subscription> = {}): Subscription {
  const createdAt = new Date('2020-01-01T00:00:00Z');
  return {
    id: 'subscription-1',
    publicationId: 'publication-1',
    subscriberId: 'subscriber-1',
    email: 'ada@example.com',
    emailKey: 'ada@example.com',
    status: 'confirmed',
    number: 1,
    publicationNumber: 1,
    generation: 1,
    locale: 'en',
    format: null,
    withoutPictures: false,
    cadence: 'daily',
    hour: 7,
    weekday: 1,
    dayOfMonth: 1,
    timezone: 'Africa/Nairobi',
    topics: [],
    watermark: 0,
    isCatchingUp: false,
    atMostDaily: false,
    nextDueAt: null,
    createdAt,
    confirmedAt: createdAt,
    unsubscribedAt: null,
    pausedAt: null,
    pausedUntil: null,
    catchUp: false,
    ...change,
  };
}
