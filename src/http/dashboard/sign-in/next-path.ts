const HOME = '/operator';

/**
 * Where a browser goes after signing in: a page of the dashboard that was asked for, and never an address of another site.
 * @param next as it came, below the base path
 * @returns a path below the base path, with its query
 */
export function safeNextPath(next: unknown): string {
  if (typeof next !== 'string' || next.length > 2000 || !/^\/operator(?:[/?]|$)/.test(next)) return HOME;
  // Browsers take a backslash for a slash, and leave out line ends and tabs (URL Standard, section 4.4).
  if (/[\\\p{Cc}]/u.test(next)) return HOME;
  const url = new URL(next, 'https://own.invalid');
  const isOwn = url.origin === 'https://own.invalid' && /^\/operator(?:\/|$)/.test(url.pathname);
  return isOwn && !/^\/operator\/(?:sign-in|sign-out|enter)\b/.test(url.pathname)
    ? url.pathname + url.search
    : HOME;
}
