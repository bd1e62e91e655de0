/** `1 reader`, `2 readers`: for operators, whose texts are English. Readers' texts have their plurals in locales/. */
export function countNoun(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : pluralOf(noun)}`;
}

/** `reader` -> `readers`, `address` -> `addresses`. For regular nouns that do not end in y. */
function pluralOf(noun: string): string {
  return /(?:[sxz]|[cs]h)$/.test(noun) ? `${noun}es` : `${noun}s`;
}
