import type { RequestHandler } from 'express';
import session from 'express-session';
import connectPgSimple from 'connect-pg-simple';
import { basePathOf } from '../../../platform/base-path.js';
import type { Context } from '../../../platform/context.js';
import type { Keys } from '../../../platform/crypto/keys.js';
import { DAY_MS } from '../../../platform/durations.js';

declare module 'express-session' {
  interface SessionData {
    /** When the operator signed in, in ISO 8601. */
    operatorSince: string;
    /** Absent for a link that the command line made for no operator in particular. */
    operatorId?: string;
  }
}

const SESSION_MAX_AGE_MS = 7 * DAY_MS;

/** Operators' sessions, stored in Postgres. The cookie has the dashboard's path, so readers never get one. */
export function operatorSession(
  { db, publicUrl }: Pick<Context, 'db' | 'publicUrl'>,
  keys: Keys,
): RequestHandler {
  const secure = new URL(publicUrl).protocol === 'https:';
  const Store = connectPgSimple(session);
  const sessions = session({
    name: 'paperround_operator',
    secret: keys
      .filter((key) => !key.unsubscribeOnly)
      .map((key) => key.derive('operator-session').toString('base64url')),
    store: new Store({ pool: db.pool, tableName: 'operator_sessions', pruneSessionInterval: false }),
    resave: false,
    saveUninitialized: false,
    cookie: {
      path: cookiePath(publicUrl),
      httpOnly: true,
      sameSite: 'strict',
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
