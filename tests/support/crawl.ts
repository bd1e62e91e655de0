/** What a crawl found: addresses of the host beside the path, and links of pages that lead to an error. */
export type Crawl = { visited: string[]; beside: string[]; dead: string[] };

/** A page whose links combine choices, as a preview's do, is opened with the first so many of them. */
const MAX_QUERIES = 8;

const ATTRIBUTE = /\s(href|src|action|formaction|data-challenge)="([^"]*)"/g;

/**
 * Opens these addresses, and what their pages and redirects lead to below `home`. Forms are not sent, and addresses in a text
 * not opened: of them it is asked only where they are.
 * @param cookie sent with every request
 */
export async function crawl(home: string, starts: readonly string[], cookie: string): Promise<Crawl> {
  const { origin } = new URL(home);
  const found: Crawl = { visited: [], beside: [], dead: [] };
  const known = new Set(starts.map((url) => withoutFragment(new URL(url)).href));
  const queue = [...known].map((url) => ({ url, from: '' }));
  const queries = new Map<string, number>();
  const isOpened = (href: string): boolean => {
    const [path = ''] = href.split('?');
    queries.set(path, (queries.get(path) ?? 0) + 1);
    return (queries.get(path) ?? 0) <= MAX_QUERIES;
  };
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { url, from } = next;
    const answer = await fetch(url, { redirect: 'manual', headers: { accept: 'text/html', cookie } });
    found.visited.push(url);
    if (answer.status >= 400 && from !== '') found.dead.push(`${answer.status} ${url} on ${from}`);
    const { links, others } = addressesIn(await answer.text(), answer, origin);
    for (const address of [...links, ...others]) {
      const { href } = withoutFragment(new URL(address, url));
      // The beginning of a mail in a list may end in the middle of an address.
      if (!href.startsWith(`${origin}/`) || home.startsWith(href)) continue;
      if (!/^(?:$|[/?])/.test(href.slice(home.length)) || !href.startsWith(home))
        found.beside.push(`${href} on ${url}`);
      else if (links.includes(address) && !known.has(href) && isOpened(href))
        queue.push({ url: href, from: url });
      known.add(href);
    }
  }
  return found;
}

/** What a page or a redirect leads to; and addresses that forms are sent to, or that stand in a text. */
function addressesIn(body: string, { headers }: Response, origin: string) {
  const type = headers.get('content-type') ?? '';
  const named = type.startsWith('text/html') ? [...body.matchAll(ATTRIBUTE)] : [];
  const isLink = ([, name = '']: string[]) => name === 'href' || name === 'src';
  const toAddress = ([, , value = '']: string[]) => unescaped(value);
  // The source of a mail breaks its lines anywhere.
  const written = type.startsWith('text/plain')
    ? []
    : unescaped(body).matchAll(new RegExp(`${origin}[^\\s"'<>\\\\]*`, 'g'));
  const location = headers.get('location');
  return {
    links: [...named.filter(isLink).map(toAddress), ...(location === null ? [] : [location])],
    others: [
      ...named.filter((one) => !isLink(one)).map(toAddress),
      ...[...written].map(([address]) => address),
    ],
  };
}

function withoutFragment(url: URL): URL {
  url.hash = '';
  return url;
}

function unescaped(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&#60;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll('&#34;', '"')
    .replaceAll('&#38;', '&')
    .replaceAll('&amp;', '&');
}
