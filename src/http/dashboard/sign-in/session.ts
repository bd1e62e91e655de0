import { createHmac } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import connectPgSimple from 'connect-pg-simple';
import { SESSION_MAX_AGE_MS, type Session } from '../../../operators/sessions/session.js';
import { beginSession, findSignedIn, type SignedIn } from '../../../operators/sessions/sessions.js';
import { basePathOf } from '../../../platform/base-path.js';
import type { Context } from '../../../platform/context.js';
import type { Keys } from '../../../platform/crypto/keys.js';
import { networkOf } from '../../../platform/crypto/network-hash.js';
import { browserName } from './browser-name.js';

declare module 'express-session' {
  interface SessionData {
    /** That there is something to store. Who is signed in stands in columns of the table, and not here. */
    operatorSince: string;
  }
}

const COOKIE_NAME = 'paperround_operator';

/** Operators' sessions, stored in Postgres. The cookie has the dashboard's path, so readers never get one. */
export function operatorSession(
  { db, publicUrl }: Pick<Context, 'db' | 'publicUrl'>,
  keys: Keys,
): RequestHandler {
  const secure = isHttps(publicUrl);
  const Store = connectPgSimple(session);
  const sessions = session({
    name: COOKIE_NAME,
    secret: keys
      .filter((key) => !key.unsubscribeOnly)
      .map((key) => key.derive('operator-session').toString('base64url')),
    store: new Store({
      pool: db.pool,
      tableName: 'operator_sessions',
      pruneSessionInterval: false,
      // A session ends a fixed time after signing in: nothing is to be written with each request.
      disableTouch: true,
    }),
    resave: false,
    saveUninitialized: false,
    cookie: {
      path: cookiePath(publicUrl),
      httpOnly: true,
      // Links in mails lead to pages of operators, and looking at these changes nothing. No browser sends it with a form of
      // another site.
      sameSite: 'lax',
      secure,
      maxAge: SESSION_MAX_AGE_MS,
    },
    proxy: secure,
  });
  if (!secure) return sessions;
  return (req, res, next) => {
    // With a PUBLIC_URL of https a proxy has ended TLS. Not every proxy says so in a header, and without it no cookie is set.
    req.headers['x-forwarded-proto'] = 'https';
    sessions(req, res, next);
  };
}

export function cookiePath(publicUrl: string): string {
  return `${basePathOf(publicUrl)}/operator`;
}

export function isHttps(publicUrl: string): boolean {
  return new URL(publicUrl).protocol === 'https:';
}

export type SessionContext = Pick<Context, 'db' | 'now'> & { keys: Keys };

/** Who asks. Undefined: nobody who is signed in. */
export async function findRequestSession(
  context: Pick<Context, 'db' | 'now'>,
  req: Request<object>,
): Promise<SignedIn | undefined> {
  return req.session.operatorSince === undefined ? undefined : findSignedIn(context, req.sessionID);
}

/**
 * Signs a browser in, under a new session id: one that a stranger put into it before is of no use (session fixation), and nor
 * is one from before a change of rights or credentials.
 * @param who `operatorId` null: nobody in particular; `signedInAt` absent: now
 */
export async function startSession(
  context: SessionContext,
  req: Request<object>,
  who: Pick<Session, 'operatorId'> & Partial<Pick<Session, 'signedInAt'>>,
): Promise<void> {
  await awaitCallback((done) => req.session.regenerate(done));
  req.session.operatorSince = context.now().toISOString();
  // Stored before the answer, on which the browser acts at once.
  await awaitCallback((done) => req.session.save(done));
  const browser = browserName(req.get('user-agent'));
  await beginSession(context, req.sessionID, { ...who, browser, networkHash: hashNetworkOf(context, req) });
}

/** Ends this browser's session. It is deleted, so that a copy of its cookie is of no use either. */
export function stopSession(req: Request<object>): Promise<void> {
  return awaitCallback((done) => req.session.destroy(done));
}

export const sessionCookieName = COOKIE_NAME;

/** By which an operator sees which of her sessions are from the same network. */
export function hashNetworkOf({ keys: [key] }: Pick<SessionContext, 'keys'>, req: Request<object>): Buffer {
  return createHmac('sha256', key.derive('operator-network'))
    .update(networkOf(req.ip))
    .digest()
    .subarray(0, 16);
}

function awaitCallback(work: (done: (error: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
}
