/** A masked address as pages show it: dots for the eye, words for a screen reader. */
export function maskedHtml(first: string, domain: string): string {
  const words = `address beginning with ${first}, at ${domain}`;
  return `<span aria-hidden="true">${first}•••••@${domain}</span><span class="hidden">${words}</span>`;
}
