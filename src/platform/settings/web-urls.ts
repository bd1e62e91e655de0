import { RESERVED_WORDS } from '../base-path.js';

type Mistake = string | undefined;

/** What is wrong with an address on the web, as the end of a sentence. */
function findUrlMistake(text: string, example: string, credentials: string): Mistake {
  const url = text.trim();
  if (/\s/.test(url)) return 'is one address';
  if (!URL.canParse(url) || !/^https?:\/\/[^/?#]/i.test(url)) return `is not an address like ${example}`;
  const { username, password } = new URL(url);
  return username !== '' || password !== '' || url.includes('@') ? credentials : undefined;
}

/** Of ALERT_URL and HEARTBEAT_URL. */
export function findCalledUrlMistake(text: string, example: string): Mistake {
  const credentials = 'has a user or a password, which are not sent; a secret goes into its path';
  return findUrlMistake(text, example, credentials);
}

/** Of PUBLIC_URL, which may have a path. */
export function findPublicUrlMistake(text: string): Mistake {
  const example = 'https://news.example.com';
  const mistake = findUrlMistake(text, example, 'has a user or a password (@), which every reader would see');
  if (mistake !== undefined) return mistake;
  const { pathname, search, hash } = new URL(text.trim());
  if (search !== '' || hash !== '') return 'has a ? or #, behind which no page of ours can be';
  const words = pathname.replace(/\/+$/, '').split('/').slice(1);
  if (!words.every((word) => /^[\w.~-]+$/.test(word)))
    return 'has a path with other characters than letters, digits, . _ ~ and -';
  const ours = words.find((word) => RESERVED_WORDS.has(word));
  return ours === undefined ? undefined : `has the word "${ours}" in its path, as pages of ours are called`;
}

/** Without what may be written in several ways: capitals in the host, the usual port, slashes at the end. */
export function normalisePublicUrl(text: string): string {
  const { origin, pathname } = new URL(text.trim());
  return origin + pathname.replace(/\/+$/, '');
}
