/**
 * An article's address as mails link to it: on the publisher's own site with the query `nl`, so that the embed does not
 * ask somebody who comes from the newsletter to subscribe. It does not identify the reader, and the embed's script removes
 * it from the address bar. Addresses elsewhere stay as they are, and those with a query, which may be signed.
 */
export function markNewsletterLink(url: string | null, siteUrl: string): string | null {
  if (url === null || !URL.canParse(url) || !URL.canParse(siteUrl)) return url;
  const link = new URL(url);
  if (hostWithoutWww(link) !== hostWithoutWww(new URL(siteUrl)) || link.search !== '') return url;
  link.search = 'nl';
  return link.href;
}

/** Publishers serve their site with and without www. */
function hostWithoutWww({ host }: URL): string {
  return host.replace(/^www\./, '');
}
