import type { Request, Response as ExpressResponse } from 'express';
import { readOtherForm } from '../../middleware/read-body.js';

/** Values by the name of their field, in the order in which they came. */
export type FormFields = { all(name: string): string[]; first(name: string): string; names(): string[] };

/**
 * The fields of a form: urlencoded, multipart or JSON, as its page or script sends it. Files are left out.
 * @throws status 400 for a body that cannot be read, 415 for one of another type
 */
export async function readFormFields(req: Request, res: ExpressResponse): Promise<FormFields> {
  await readOtherForm(req, res);
  const body: unknown = req.body;
  if (!Buffer.isBuffer(body)) {
    // Without a body there is no type to be wrong: the address is missing, and the form says so.
    if (req.get('content-type') === undefined) return toFields([]);
    throw Object.assign(new Error('No form'), { status: 415 });
  }
  try {
    return toFields(req.is('json') ? jsonEntries(body) : await formEntries(req, body));
  } catch {
    throw Object.assign(new Error('The form cannot be read'), { status: 400 });
  }
}

/** Fields that stand in an address, as scripts send them. */
export function queryFields(req: Request): FormFields {
  const at = req.url.indexOf('?');
  return toFields(at === -1 ? [] : [...new URLSearchParams(req.url.slice(at + 1))]);
}

function toFields(entries: [string, string][]): FormFields {
  const all = (name: string) => entries.filter(([known]) => known === name).map(([, value]) => value);
  return { all, first: (name) => all(name)[0] ?? '', names: () => entries.map(([name]) => name) };
}

function jsonEntries(body: Buffer): [string, string][] {
  const value: unknown = JSON.parse(body.toString('utf8'));
  if (typeof value !== 'object' || value === null) throw new Error('No object');
  return Object.entries(value).flatMap(([name, given]) => {
    const values: unknown[] = Array.isArray(given) ? given : [given];
    return values
      .filter((one): one is string => typeof one === 'string')
      .map((one): [string, string] => [name, one]);
  });
}

async function formEntries(req: Request, body: Buffer): Promise<[string, string][]> {
  const headers = { 'content-type': req.get('content-type') ?? '' };
  const form = await new Response(new Uint8Array(body), { headers }).formData();
  return [...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
}
