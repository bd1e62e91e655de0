/** A mail server's reply without the mail addresses in it: replies are stored and shown, and readers' addresses must not be. */
export function redactAddresses(text: string): string {
  return text.replaceAll(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, '…');
}
