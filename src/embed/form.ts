import type { EmbedConfig } from './config.js';
import { button, element } from './dom.js';
import { storeItem } from './local-storage.js';
import { sendForm, type FormResponse } from './send-form.js';

/**
 * Sends the form by script and shows the answer in the page. Without script the form works too, by a page of ours.
 * Nothing is sent before she presses the button.
 */
export function enhanceForm(form: HTMLFormElement, { words }: EmbedConfig): void {
  const field = form.querySelector<HTMLInputElement>('[name=email]');
  if (!field || form.dataset['nlReady']) return;
  form.dataset['nlReady'] = 'yes';
  const status = statusOf(form);
  const showMistake = mistakeUnder(field);
  let isSending = false;
  /** The page's policy may forbid our request: then the next press sends the form as a page without script does. */
  let isBlocked = false;

  const send = async (keep = '') => {
    if (isSending) return;
    isSending = true;
    showMistake('');
    status.textContent = words.sending;
    status.textContent = await sendForm(form, keep)
      .then(showAnswer)
      .catch(() => {
        isBlocked = navigator.onLine;
        return isBlocked ? words.unreachable : words.offline;
      });
    isSending = false;
  };

  /** Returns what the status line says. */
  const showAnswer = ([response, { detail, reference = '', suggestion }]: [Response, FormResponse]) => {
    if (response.ok) {
      showDone(form, field, status, words.another);
      return detail ?? words.done.replace('{}', field.value);
    }
    if (response.status !== 422 || !detail) return `${detail ?? words.broken} ${reference}`;
    showMistake(detail, suggestion && correctionsOf(suggestion));
    field.focus();
    return '';
  };

  const correctionsOf = (suggestion: string) => [
    button(words.use.replace('{}', suggestion), () => {
      field.value = suggestion;
      again();
    }),
    button(words.keep, () => again('yes')),
  ];

  const again = (keep?: string) => {
    field.focus();
    void send(keep);
  };

  form.noValidate = true;
  form.addEventListener('submit', (event) => {
    if (isBlocked) return;
    event.preventDefault();
    void send();
  });
}

function statusOf(form: HTMLFormElement): HTMLElement {
  const status = form.querySelector<HTMLElement>('[role=status]') ?? form.appendChild(element('p', 'nl-s'));
  status.role = 'status';
  status.tabIndex = -1;
  return status;
}

/**
 * Makes the function that shows a mistake under its field, announced with it, and the buttons that correct it. An empty
 * text takes both away.
 */
function mistakeUnder(field: HTMLElement): (text: string, buttons?: HTMLElement[] | '') => void {
  const describedBy = field.getAttribute('aria-describedby') ?? '';
  const error = element('div', 'nl-error');
  const choices = element('div', 'nl-choices');
  error.id = `nl-${Math.random()}`;
  return (text, buttons) => {
    error.remove();
    choices.remove();
    error.textContent = text;
    if (text) field.after(error);
    if (buttons) {
      choices.replaceChildren(...buttons);
      error.after(choices);
    }
    field.ariaInvalid = text ? 'true' : null;
    field.setAttribute('aria-describedby', `${text ? error.id : ''} ${describedBy}`);
  };
}

/** Shows the answer in place of the form. A button brings the form back as she left it, to correct the address. */
function showDone(form: HTMLFormElement, field: HTMLElement, status: HTMLElement, label: string): void {
  storeItem('nl-off', 'known');
  form.dataset['nlReady'] = 'done';
  const another = button(label, () => {
    form.dataset['nlReady'] = 'yes';
    status.textContent = '';
    another.remove();
    field.focus();
  });
  status.after(another);
  status.focus();
}
