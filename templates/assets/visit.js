// Who presses two buttons at once sends one form: the form of the button that is seen says that the other was pressed too.
const hidden = document.querySelector('form[inert]');
const mark = document.querySelector('input[name="trap"]');
hidden?.addEventListener('submit', () => {
  if (mark) mark.value = 'yes';
});
