import type { ActivityKind } from '../../../../src/operators/activity/kinds.js';
import type { ActorKind } from '../../../../src/platform/actor.js';
import type { Context } from '../../../../src/platform/context.js';
import type { FeedServer } from '../../../support/feed-server.js';
import type { TestApp } from '../../../support/test-app.js';

/** What every scenario begins with: an application without rows, and a publisher's server without articles. */
export type Stage = { app: TestApp; server: FeedServer };

/** A change, made through the context that it is given. */
export type Act = (context: Context) => Promise<unknown>;

/** How one kind of change comes about. */
export type Scenario = {
  /** Who makes it: whose context it is given, unless Paperround does it by itself. */
  by: Exclude<ActorKind, 'operator' | 'token'> | 'operator' | 'token';
  /** Paperround does it, whoever's request led to it. */
  bySystem?: true;
  /** An operator does it whose account it is about, or follows from it. */
  byOwnAccount?: true;
  /** Tables in which it is noted when the change could not be made. */
  notedIn?: string[];
  prepare(stage: Stage): Promise<Act>;
};

export type Scenarios = Partial<Record<ActivityKind, Scenario>>;
