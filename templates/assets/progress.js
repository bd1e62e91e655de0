// The numbers of a digest that is being sent follow by themselves. Without script the page is loaded again and again.
const state = document.querySelector('#progress[data-source]');
const source = new EventSource(state.dataset.source);

source.addEventListener('progress', ({ data }) => {
  for (const [id, html] of Object.entries(JSON.parse(data))) {
    const part = document.getElementById(id);
    // The table comes with the first reader that was found.
    if (part === null) return lookAgain();
    if (part.dataset.shown !== html) fill(part, html);
  }
});
source.addEventListener('over', () => {
  lookAgain();
});
source.addEventListener('error', () => {
  // Refused, for example since three pages show progress already: the browser does not try again.
  if (source.readyState === EventSource.CLOSED) setTimeout(lookAgain, 10_000);
});

// Whoever has gone to a link with the keyboard stays there.
function fill(part, html) {
  const href = part.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  part.innerHTML = html;
  part.dataset.shown = html;
  if (href !== null) part.querySelector(`a[href="${CSS.escape(href)}"]`)?.focus();
}

function lookAgain() {
  source.close();
  if (!isFilledIn()) return location.replace(location.pathname);
  const note = document.createElement('p');
  note.setAttribute('role', 'status');
  note.innerHTML = 'It has changed. ';
  note.append(Object.assign(document.createElement('a'), { href: location.pathname, textContent: 'Look again' }));
  state.after(note);
}

// What somebody has opened or is filling in is not taken away.
function isFilledIn() {
  return (
    document.activeElement?.closest('form') || document.querySelector('[aria-labelledby="do-heading"] details[open]')
  );
}
