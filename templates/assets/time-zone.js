// The page could only guess her time zone; her browser knows it. She may still choose another.
const select = document.querySelector('select[data-guessed]');
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (select && [...select.options].some((option) => option.value === zone)) select.value = zone;
