import type { Page } from 'playwright-core';
import type { Fixture } from './fixture.js';

/** One page or mail in one state. */
export type Screen = {
  /** Of its pictures. */
  name: string;
  /** The route that answers, as Express writes it; none for what no single route is for. */
  route?: string;
  /** Who is looking: a reader without cookies, an operator who has entered, or a mail program. */
  needs: 'reader' | 'operator' | 'mail';
  /** No other screen can be shown afterwards in its window: the clock or the session there is not what it was. */
  changesWindow?: true;
  /** Opens the screen. */
  reach(page: Page, fixture: Fixture): Promise<unknown>;
};
