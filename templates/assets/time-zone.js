// The page could only guess her time zone; her browser knows it. She may still choose another.
const select = document.querySelector('select[data-guessed]');
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
// Browsers still call some zones by names of the past.
const hers = select && [...select.options].find(({ value, dataset }) => value === zone || dataset.old === zone);
if (hers) hers.selected = true;
