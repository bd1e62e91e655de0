import type { RequestHandler } from 'express';
import session from 'express-session';
import connectPgSimple from 'connect-pg-simple';
import type { Context } from '../../platform/context.js';
import type { Keys } from '../../platform/crypto/keys.js';
import { DAY_MS } from '../../platform/durations.js';

declare module 'express-session' {
  interface SessionData {
    /** Since when this browser may run the publications. */
    operatorSince: string;
    /** Absent for a link that the command line made for no operator in particular. */
    operatorId?: string;
  }
}

const SESSION_MAX_AGE_MS = 7 * DAY_MS;

/** Operators' sessions, in Postgres. The cookie exists under /operator only: readers never get one. */
export function operatorSession({ db }: Pick<Context, 'db'>, keys: Keys, secure: boolean): RequestHandler {
  const Store = connectPgSimple(session);
  const sessions = session({
    name: 'paperround_operator',
    secret: keys
      .filter((key) => !key.unsubscribeOnly)
      .map((key) => key.derive('operator-session').toString('base64url')),
    store: new Store({ pool: db.pool, tableName: 'operator_sessions', pruneSessionInterval: false }),
    resave: false,
    saveUninitialized: false,
    cookie: { path: '/operator', httpOnly: true, sameSite: 'strict', secure, maxAge: SESSION_MAX_AGE_MS },
    proxy: secure,
  });
  if (!secure) return sessions;
  return (req, res, next) => {
    // PUBLIC_URL is https, so TLS ended in front of us, whether or not the proxy there says so in a header.
    req.headers['x-forwarded-proto'] = 'https';
    sessions(req, res, next);
  };
}
