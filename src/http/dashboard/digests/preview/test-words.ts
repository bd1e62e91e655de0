import type { Response } from 'express';
import {
  MAX_TESTS_AN_HOUR,
  MAX_UNCONFIRMED_TESTS_AN_HOUR,
} from '../../../../deliveries/preview/order-test.js';
import type { TestMail } from '../../../../deliveries/preview/test-mail.js';
import { formatTime } from '../../../../platform/text/format-dates.js';
import type { Publication } from '../../../../publications/publication.js';
import { findFlash } from '../../frame/flash.js';
import { onceFlashes } from '../../frame/once.js';

/** What became of asking for a test, where none was sent. */
export const testFlashes: Record<string, string> = {
  ...onceFlashes,
  'test-too-many': `Nothing was sent: you have sent ${MAX_TESTS_AN_HOUR} tests within the hour, or ${MAX_UNCONFIRMED_TESTS_AN_HOUR} to an address that is not confirmed yet. Try again later.`,
  'test-unknown-recipient':
    'Nothing was sent: tests go to yourself, and to operators of this newsletter whose addresses are confirmed.',
  'test-nobody':
    'Nothing was sent: you came by a link for nobody in particular, so there is no address to send it to.',
};

/** @param told what became of the test by now */
export function testFlash(done: unknown, told: TestWords | null): string | null {
  return done === 'test' && told !== null ? told.sentence : findFlash(testFlashes, done);
}

/** Seconds until a page that waits for a test looks again; after a minute it does so no more by itself. */
const REFRESH_SECONDS = '2';
const MAX_WAIT_MS = 60_000;

/** Has a page look again by itself while a test that was just sent is on its way. */
export function followTest(res: Response, test: TestMail | undefined, now: Date): void {
  const isWaiting = test?.state === 'queued' || test?.state === 'sending';
  if (isWaiting && now.getTime() - test.createdAt.getTime() < MAX_WAIT_MS)
    res.set('Refresh', REFRESH_SECONDS);
}

type TestWords = { sentence: string; answer: string | null; isWell: boolean; isWaiting: boolean };

/** What became of an operator's last test, in a sentence; null: there was none lately. */
export function describeTest(
  test: TestMail | undefined,
  { timezone }: Pick<Publication, 'timezone'>,
): TestWords | null {
  if (test === undefined) return null;
  const { state, answer } = test;
  const at = formatTime(test.updatedAt, timezone, 'en');
  return {
    sentence: sentenceOf(test, at),
    answer,
    isWell: state !== 'failed',
    isWaiting: state === 'queued' || state === 'sending',
  };
}

function sentenceOf({ state }: TestMail, at: string): string {
  switch (state) {
    case 'queued':
      return 'Your test still waits for a worker. No reader gets it, and it is counted nowhere.';
    case 'sending':
      return 'Your test is being handed to the mail server.';
    case 'accepted':
      return `Your test was accepted by the mail server at ${at}. No reader got it, and it is counted nowhere.`;
    case 'failed':
      return `Your test was not sent: it was tried at ${at}. It is not tried again by itself: press again when the cause is gone.`;
    case 'uncertain':
      return `Your test may have arrived. It was sent at ${at}, and the connection broke before the mail server answered.`;
  }
}
