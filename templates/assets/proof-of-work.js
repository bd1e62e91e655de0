// While this newsletter is under attack: a second of work before a form goes, which programs that only send forms cannot do.
// Whatever fails here, the form goes all the same, and a person looks at it: the note that says so stays until it works.
const status = document.getElementById('proof-status');
const { challenge, working } = status.dataset;
let busy = false;

const digest = async (text) => {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
};

const solve = async () => {
  const response = await fetch(challenge, { signal: AbortSignal.timeout(10_000) });
  const { maxnumber, ...asked } = await response.json();
  for (let number = 0; number <= maxnumber; number++)
    if ((await digest(asked.salt + number)) === asked.challenge)
      return btoa(JSON.stringify({ ...asked, number }));
  return '';
};

const prove = async (form) => {
  status.textContent = working;
  const field = form.elements.namedItem('proof') ?? form.appendChild(document.createElement('input'));
  Object.assign(field, { type: 'hidden', name: 'proof', value: await solve().catch(() => '') });
  form.submit();
};

// Browsers have no cryptography for pages that came over plain http from another machine.
if (globalThis.crypto?.subtle) {
  document.getElementById('proof-note').remove();
  document.addEventListener('submit', (event) => {
    if (event.defaultPrevented || !event.target.action.endsWith('/subscriptions')) return;
    event.preventDefault();
    if (!busy) void prove(event.target);
    busy = true;
  });
  // Back from the next page: work counts once, and the next press does it anew.
  addEventListener('pageshow', () => {
    busy = false;
    status.textContent = '';
  });
}
