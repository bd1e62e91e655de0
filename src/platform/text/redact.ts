/** Text without mail addresses, for logs, and for server replies, which are stored and shown. */
export function redactAddresses(text: string): string {
  return text.replaceAll(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, '…');
}

/** Text without this address, in upper or lower case. */
export function redactAddress(text: string, address: string): string {
  if (!text.toLowerCase().includes(address.toLowerCase())) return text;
  return text.replace(new RegExp(address.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'), '…');
}

/** A URL without everything before its last @, which may be a password even if the URL is malformed. */
export function redactPassword(url: string): string {
  return url.includes('@') ? `…${url.slice(url.lastIndexOf('@'))}` : url;
}
