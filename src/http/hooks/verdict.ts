import { createHash } from 'node:crypto';
import type { Hook, Refusal } from '../../events/providers/hook.js';

/** A request of somebody who may be a provider. Header names are in lower case. */
export type HookRequest = { header(name: string): string | undefined; body: Buffer };

/** `topic`: Amazon asks whether we want the messages of a topic, or says that it sends no more. */
export type Genuine = {
  kind: 'genuine';
  hook: Hook;
  /** The request is known by it when it comes again. */
  key: string;
  topic?: { kind: 'confirmation'; link: string } | { kind: 'end' };
};

/** `hooks`: whose set-up it may be about. `isUnavailable`: it could not be checked, and may come again. */
export type Refused = {
  kind: 'refused';
  refusal: Refusal;
  hooks: readonly Pick<Hook, 'id'>[];
  isUnavailable?: boolean;
};

/** Whether a provider sent a request. */
export type Verdict = Genuine | Refused;

export function refuse(refusal: Refusal, hooks: readonly Hook[]): Refused {
  return { kind: 'refused', refusal, hooks };
}

/** For requests that have no id of their own. */
export function bodyKey(body: Buffer): string {
  return createHash('sha256').update(body).digest('base64url');
}

/** Undefined for what is no JSON. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
