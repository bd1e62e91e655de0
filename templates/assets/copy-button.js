// Beside each text to paste: a button that copies it. Without script the text is selected by hand.
for (const area of document.querySelectorAll('.code textarea')) {
  const button = document.createElement('button');
  const said = document.createElement('span');
  button.type = 'button';
  button.textContent = 'Copy';
  button.setAttribute('aria-label', `Copy ${area.labels[0].textContent.replace(/^To paste: /, '')}`);
  said.setAttribute('role', 'status');
  button.addEventListener('click', async () => {
    area.select();
    said.textContent = '';
    const copied = await navigator.clipboard?.writeText(area.value).then(
      () => true,
      () => false,
    );
    said.textContent = copied ? 'Copied.' : 'Selected: press Ctrl or Cmd and C.';
  });
  area.after(button, said);
}
