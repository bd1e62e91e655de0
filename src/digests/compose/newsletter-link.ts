/**
 * An article's address as mails link to it: on the publisher's own site with `nl`, so that the prompt to subscribe stays
 * away from somebody who comes from the newsletter. It tells nothing of who she is; the embed's script takes it out of
 * the address bar. Addresses elsewhere stay as they are, and those that ask something already, which may be signed.
 */
export function markNewsletterLink(url: string | null, siteUrl: string): string | null {
  if (url === null || !URL.canParse(url) || !URL.canParse(siteUrl)) return url;
  const visit = new URL(url);
  if (hostWithoutWww(visit) !== hostWithoutWww(new URL(siteUrl)) || visit.search !== '') return url;
  visit.search = 'nl';
  return visit.href;
}

/** Publishers answer with and without www. */
function hostWithoutWww({ host }: URL): string {
  return host.replace(/^www\./, '');
}
