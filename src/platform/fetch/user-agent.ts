/** With what our requests call themselves: sites that keep bots out can allow it. */
export const USER_AGENT_NAME = 'Paperround';

const VERSION = '0.1';

/**
 * The User-Agent of requests to other sites (RFC 9110 section 10.1.5).
 * @param publicUrl where somebody who wonders about them finds us; absent where nothing of ours is on the web
 */
export function userAgent(publicUrl?: string): string {
  return `${USER_AGENT_NAME}/${VERSION}${publicUrl === undefined ? '' : ` (+${publicUrl})`}`;
}
