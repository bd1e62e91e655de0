/** More than any real message has; what follows is not read. */
const MAX_FIELDS = 1_000;
/** In characters. A list of ids in References can be long; no value that is read here is. */
const MAX_VALUE_LENGTH = 10_000;

/** The fields of a header, or of a block of a report, which has the same form (RFC 5322 section 2.2, RFC 3464 section 2.1). */
export class Header {
  readonly #fields: readonly Field[];

  constructor(fields: readonly Field[]) {
    this.#fields = fields;
  }

  /** The first value of that name; '' without one. */
  get(name: string): string {
    return this.#fields.find((field) => field.name === name)?.value ?? '';
  }

  /** Every value of these names, in their order in the header. */
  all(...names: readonly string[]): string[] {
    return this.#fields.filter(({ name }) => names.includes(name)).map(({ value }) => value);
  }

  has(name: string): boolean {
    return this.#fields.some((field) => field.name === name);
  }

  get fields(): readonly Field[] {
    return this.#fields;
  }
}

/** A name in lower case and its unfolded value. */
export type Field = { name: string; value: string };

/** Reads lines of a header. What is no field is passed over; a value that is too long is cut. */
export function readHeader(lines: readonly string[]): Header {
  const fields: { name: string; pieces: string[]; length: number }[] = [];
  for (const line of lines) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line)) {
      if (last === undefined || last.length > MAX_VALUE_LENGTH) continue;
      last.pieces.push(line.trim());
      last.length += line.length;
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trimEnd().toLowerCase();
    if (colon === -1 || !/^[!-9;-~]{1,100}$/.test(name)) continue;
    if (fields.length === MAX_FIELDS) break;
    fields.push({ name, pieces: [line.slice(colon + 1, colon + 1 + MAX_VALUE_LENGTH).trim()], length: 0 });
  }
  return new Header(
    fields.map(({ name, pieces }) => ({ name, value: pieces.join(' ').trim().slice(0, MAX_VALUE_LENGTH) })),
  );
}

/** A value with parameters, such as Content-Type (RFC 2045 section 5.1): its first word and the parameters, names in lower case. */
export function readParameters(value: string): { value: string; parameters: ReadonlyMap<string, string> } {
  const parameters = new Map<string, string>();
  const pattern = /;\s*([\w!#$%&'*+.^`{|}~-]{1,100})\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;\s]*))/g;
  for (const [, name = '', quoted, plain = ''] of value.matchAll(pattern)) {
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/g, '$1') ?? plain);
  }
  return { value: (/^[^;\s]*/.exec(value)?.[0] ?? '').toLowerCase(), parameters };
}
