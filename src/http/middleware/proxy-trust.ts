import type { RequestHandler } from 'express';
import type { Log } from '../../platform/log.js';

/** What Express takes for "trust proxy": a number of hops, a list of networks, or true. */
export function parseTrustProxy(setting: string | undefined): boolean | number | string {
  if (setting === undefined || setting === 'false') return false;
  if (setting === 'true') return true;
  return /^\d+$/.test(setting) ? Number(setting) : setting;
}

/**
 * Warns once of a TRUST_PROXY that makes limits per network useless: `true`, with which every client may claim any
 * address, and none behind a proxy, where all clients have the proxy's. "false" is somebody's decision.
 */
export function warnOfProxyTrust(log: Log, setting: string | undefined): RequestHandler {
  if (setting === 'true') log.warn({ event: 'proxy.everyone-trusted', hint: EVERYONE_TRUSTED });
  let hasWarned = setting !== undefined;
  return (req, _res, next) => {
    if (!hasWarned && req.headers['x-forwarded-for'] !== undefined) {
      hasWarned = true;
      log.warn({ event: 'proxy.not-trusted', hint: NOT_TRUSTED });
    }
    next();
  };
}

const EVERYONE_TRUSTED =
  'TRUST_PROXY=true believes any X-Forwarded-For, so that clients can choose the network they are counted as. ' +
  'Set it to the number of proxies.';
const NOT_TRUSTED =
  'A request has X-Forwarded-For and TRUST_PROXY is not set, so that all clients are counted as one network. ' +
  'Set it to the number of proxies, or to false.';
