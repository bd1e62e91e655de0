// Forms that a passkey sends: the browser is asked for it when the button is pressed. Without script they stay hidden.
const octets = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const readOptions = (options) => ({
  ...options,
  challenge: octets(options.challenge),
  ...(options.user && { user: { ...options.user, id: octets(options.user.id) } }),
  ...(options.excludeCredentials && {
    excludeCredentials: options.excludeCredentials.map((one) => ({ ...one, id: octets(one.id) })),
  }),
});

const describe = ({ id, rawId, type, response }) => ({
  id,
  rawId: text(rawId),
  type,
  clientExtensionResults: {},
  response: {
    clientDataJSON: text(response.clientDataJSON),
    ...(response.attestationObject && {
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    }),
    ...(response.signature && {
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle && text(response.userHandle),
    }),
  },
});

const ask = async (form) => {
  const { passkey: verb, options: url } = form.dataset;
  const response = await fetch(url, { method: 'POST', headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error('No options');
  const publicKey = readOptions(await response.json());
  return navigator.credentials[verb]({ publicKey });
};

const sentences = {
  NotAllowedError: 'No passkey was used: the question was closed, or it took too long. Try again, or use another way.',
  InvalidStateError: 'This device has a passkey for this account already.',
};

if (window.PublicKeyCredential) for (const note of document.querySelectorAll('[data-without-passkeys]')) note.hidden = true;

for (const form of window.PublicKeyCredential ? document.querySelectorAll('form[data-passkey]') : []) {
  const field = form.querySelector('[data-credential]');
  const said = form.querySelector('[role=status]');
  form.hidden = false;
  form.addEventListener('submit', async (event) => {
    if (field.value !== '') return;
    event.preventDefault();
    said.textContent = '';
    try {
      // Fields of the page's other form go along, such as a name.
      for (const other of form.querySelectorAll('input[data-from]'))
        other.value = document.getElementById(other.dataset.from)?.value ?? '';
      field.value = JSON.stringify(describe(await ask(form)));
      form.submit();
    } catch (error) {
      said.textContent = sentences[error.name] ?? 'That did not work. Load this page again, or use another way.';
    }
  });
}
