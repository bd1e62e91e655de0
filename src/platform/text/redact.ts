/** Text without anybody's mail address in it, for logs, and for server replies, which are stored and shown. */
export function redactAddresses(text: string): string {
  return text.replaceAll(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, '…');
}

/** Text without this address, in upper or lower case. */
export function redactAddress(text: string, address: string): string {
  if (!text.toLowerCase().includes(address.toLowerCase())) return text;
  return text.replace(new RegExp(address.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'), '…');
}

/** A setting without what stands before its last @, which may hold a password, however badly the URL is written. */
export function redactPassword(url: string): string {
  return url.includes('@') ? `…${url.slice(url.lastIndexOf('@'))}` : url;
}
