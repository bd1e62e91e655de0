/** What campaigns, mail services and social networks add to a link; the page is the same without it. */
const TRACKING_PARAMETERS =
  /^(?:utm_.*|fbclid|gclid|dclid|msclkid|yclid|igshid|twclid|mc_cid|mc_eid|_hsenc|_hsmi|ref|ref_src|cmpid|ncid)$/i;
const IGNORED_FRAGMENT = /^#(?:utm_|ref=|xtor=|respond$|comments$)/i;

/**
 * A link as the page it leads to, to compare with others: no scheme, no `www.`, no trailing slash, nothing that only
 * counts visits. Undefined for what identifies no article: a site's front page, or no web address.
 */
export function canonicalLink(url: string | null | undefined): string | undefined {
  if (url === null || url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, host, pathname, searchParams, hash } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  const asked = new URLSearchParams([...searchParams].filter(([name]) => !TRACKING_PARAMETERS.test(name)));
  asked.sort();
  const query = asked.toString();
  const place = IGNORED_FRAGMENT.test(hash) || hash === '#' ? '' : hash;
  const path = pathname.replace(/\/+$/, '');
  if (path === '' && query === '' && place === '') return undefined;
  return `${host.replace(/^www\./, '')}${path}${query === '' ? '' : `?${query}`}${place}`;
}
