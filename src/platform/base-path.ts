/**
 * The path of PUBLIC_URL, below which all our pages are: `/news` of `https://site.example/news`; empty without one. In code
 * and in data a path is ours, without it: redirects, templates (`{{ base }}`) and absolute addresses put it in front.
 */
export function basePathOf(publicUrl: string): string {
  return new URL(publicUrl).pathname.replace(/\/+$/, '');
}

/**
 * First words of our own routes, and of those below a publication's page. No publication is called so, and no base path
 * begins so: a proxy that takes the path away would leave nothing to tell them apart by.
 */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  (
    'operator inbox demo api embed confirm manage unsubscribe hooks healthz readyz metrics assets ' +
    'check-inbox never websub archive subscriptions'
  ).split(' '),
);
