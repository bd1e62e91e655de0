import { solveChallenge, type Challenge } from './proof-of-work.js';

/** The members that our server sends in its answer or its problem details (RFC 9457); none when it cannot be read. */
export type FormResponse = {
  detail?: string;
  reference?: string;
  suggestion?: string;
  challenge?: Challenge;
};

const REQUEST_TIMEOUT_MS = 20_000;

/**
 * Sends the form; a second time, with the solved challenge, where the server asks for proof of work.
 * @param keep `yes`: the address is right, although its domain looks mistyped
 * @throws when the server cannot be reached
 */
export async function sendForm(form: HTMLFormElement, keep: string): Promise<[Response, FormResponse]> {
  const fields = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
  // Without query and fragment, which may hold something private.
  fields.set('source', location.origin + location.pathname);
  fields.set('timezone', Intl.DateTimeFormat().resolvedOptions().timeZone);
  fields.set('proof', 'ask');
  if (keep) fields.set('keep', keep);
  const sent = await post(form.action, fields);
  const { challenge } = sent[1];
  if (!challenge) return sent;
  fields.set('proof', await solveChallenge(challenge));
  return post(form.action, fields);
}

/** Urlencoded and with a safelisted header: the browser sends no preflight request first (Fetch standard, CORS). */
async function post(url: string, body: URLSearchParams): Promise<[Response, FormResponse]> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { Accept: 'application/json' },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    credentials: 'omit',
  });
  // A proxy answers in HTML while our server is away.
  return [response, (await response.json().catch(() => ({}))) as FormResponse];
}
