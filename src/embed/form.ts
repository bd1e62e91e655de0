import type { EmbedConfig } from './config.js';
import { solveChallenge, type Challenge } from './proof-of-work.js';
import { storeItem } from './local-storage.js';

/** A problem of RFC 9457, or nothing that we can read. */
type FormResponse = {
  detail?: string;
  reference?: string;
  suggestion?: string;
  challenge?: Challenge;
};

const REQUEST_TIMEOUT_MS = 20_000;

/** Shortens the way of a form that works without us: the answer comes into the page. Nothing is sent that she did not send. */
export function enhanceForm(form: HTMLFormElement, { words }: EmbedConfig): void {
  const field = form.querySelector<HTMLInputElement>('[name=email]');
  if (!field || form.dataset['nlReady']) return;
  form.dataset['nlReady'] = 'yes';
  const told = field.getAttribute('aria-describedby') ?? '';
  const status = form.querySelector<HTMLElement>('[role=status]') ?? form.appendChild(element('p', 'nl-s'));
  const error = element('div', 'nl-error');
  const choices = element('div', 'nl-choices');
  let busy = false;
  let plainly = false;

  const send = async (keep = '') => {
    if (busy) return;
    busy = true;
    mark('', null);
    status.textContent = words.sending;
    status.textContent = await outcome(keep).catch(unreached);
    busy = false;
  };

  /** A policy of the page may forbid our request: the next press goes the way of a page without script. */
  const unreached = () => {
    plainly = navigator.onLine;
    return plainly ? words.unreachable : words.offline;
  };

  const outcome = async (keep: string) => {
    const fields = fieldsOf(form, keep);
    let [answer, problem] = await post(form.action, fields);
    if (problem.challenge) {
      fields.set('proof', await solveChallenge(problem.challenge));
      [answer, problem] = await post(form.action, fields);
    }
    if (answer.ok) return done(problem.detail);
    if (answer.status === 422 && problem.detail) return mistaken(problem.detail, problem.suggestion);
    return `${problem.detail ?? words.broken} ${problem.reference ?? ''}`;
  };

  /** `detail`: she is not sent a link at once, and told why. */
  const done = (detail?: string) => {
    storeItem('nl-off', 'known');
    form.dataset['nlReady'] = 'done';
    status.after(another);
    status.focus();
    return detail ?? words.done.replace('{}', field.value);
  };

  const mistaken = (text: string, suggestion?: string) => {
    mark(text, 'true');
    if (suggestion) {
      choices.replaceChildren(
        button(words.use.replace('{}', suggestion), () => {
          field.value = suggestion;
          again();
        }),
        button(words.keep, () => again('yes')),
      );
      error.after(choices);
    }
    field.focus();
    return '';
  };

  const again = (keep?: string) => {
    field.focus();
    void send(keep);
  };

  /** What is wrong with her address stands under it and belongs to it; nothing does while there is no mistake. */
  const mark = (text: string, invalid: 'true' | null) => {
    error.remove();
    choices.remove();
    error.textContent = text;
    if (invalid) field.after(error);
    field.ariaInvalid = invalid;
    field.setAttribute('aria-describedby', `${invalid ? error.id : ''} ${told}`);
  };

  /** The form comes back as she left it, for a slip in the address. */
  const another = button(words.another, () => {
    form.dataset['nlReady'] = 'yes';
    status.textContent = '';
    another.remove();
    field.focus();
  });

  status.role = 'status';
  status.tabIndex = -1;
  form.noValidate = true;
  error.id = `nl-${Math.random()}`;
  form.addEventListener('submit', (event) => {
    if (plainly) return;
    event.preventDefault();
    void send();
  });
}

function fieldsOf(form: HTMLFormElement, keep: string): URLSearchParams {
  const fields = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
  // Without the query and the fragment: what stands there may be nobody's business.
  fields.set('source', location.origin + location.pathname);
  fields.set('timezone', Intl.DateTimeFormat().resolvedOptions().timeZone);
  fields.set('proof', 'ask');
  if (keep) fields.set('keep', keep);
  return fields;
}

/** Urlencoded, with a header that needs no leave: the browser asks our server nothing before it. */
async function post(url: string, body: URLSearchParams): Promise<[Response, FormResponse]> {
  const headers = { Accept: 'application/json' };
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const answer = await fetch(url, { method: 'POST', body, headers, signal, credentials: 'omit' });
  // Proxies answer in HTML when our server is away.
  return [answer, (await answer.json().catch(() => ({}))) as FormResponse];
}

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className = '',
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.className = className;
  return made;
}

export function button(text: string, press: () => void): HTMLButtonElement {
  const made = element('button');
  made.type = 'button';
  made.textContent = text;
  made.addEventListener('click', press);
  return made;
}
