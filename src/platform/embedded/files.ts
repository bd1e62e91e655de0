import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** A file's text; undefined when there is no such file. Other errors are thrown. */
export function readFileIfExists(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ESRCH', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Reads a JSON file. Undefined when it is missing, cut short (a full disk, a power cut) or does not fit the schema. */
export function readJsonFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): z.output<Schema> | undefined {
  return parseJson(readFileIfExists(file), schema);
}

/** Undefined for text that is no JSON, or does not fit the schema. */
export function parseJson<Schema extends z.ZodType>(
  text: string | undefined,
  schema: Schema,
): z.output<Schema> | undefined {
  try {
    return text === undefined ? undefined : schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Whether this is a system error with one of these codes (ENOENT, EEXIST, …). */
export function hasErrorCode(error: unknown, ...codes: string[]): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    codes.some((code) => code === error.code)
  );
}
