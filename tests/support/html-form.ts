import { decodeHTML } from 'entities';

export type HtmlForm = {
  /** Where it is sent, a path. */
  action: string;
  /** What a browser would send of it, its buttons left out. */
  fields: Record<string, string>;
};

/** The forms of a page as a browser that ran no script would send them. */
function readForms(html: string): HtmlForm[] {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, attributes = '', inside = '']) => ({
    action: attribute(attributes, 'action') ?? '',
    fields: { ...readInputs(inside), ...readSelects(inside), ...readTextareas(inside) },
  }));
}

/** The form that is sent to an address that ends so. */
export function findForm(html: string, actionEnd: string): HtmlForm {
  const found = readForms(html).find(({ action }) => action.endsWith(actionEnd));
  if (found === undefined) throw new Error(`No form is sent to …${actionEnd}`);
  return found;
}

function readInputs(html: string): Record<string, string> {
  const inputs = [...html.matchAll(/<input\b([^>]*)>/g)].map(([, attributes = '']) => attributes);
  const sent = inputs.filter((one) => !/type="(checkbox|radio)"/.test(one) || /\schecked(\s|=|$)/.test(one));
  return Object.fromEntries(
    sent.map((one) => [attribute(one, 'name') ?? '', attribute(one, 'value') ?? 'on']),
  );
}

function readSelects(html: string): Record<string, string> {
  return Object.fromEntries(
    [...html.matchAll(/<select\b([^>]*)>(.*?)<\/select>/gs)].map(([, attributes = '', inside = '']) => {
      const options = [...inside.matchAll(/<option\b([^>]*)>/g)].map(([, option = '']) => option);
      const chosen = options.find((option) => /\sselected/.test(option)) ?? options[0] ?? '';
      return [attribute(attributes, 'name') ?? '', attribute(chosen, 'value') ?? ''];
    }),
  );
}

function readTextareas(html: string): Record<string, string> {
  return Object.fromEntries(
    [...html.matchAll(/<textarea\b([^>]*)>\n?(.*?)<\/textarea>/gs)].map(([, attributes = '', text = '']) => [
      attribute(attributes, 'name') ?? '',
      // As a browser sends line ends (HTML Standard, section 4.10.22.4).
      decodeHTML(text).replaceAll(/\r?\n/g, '\r\n'),
    ]),
  );
}

function attribute(attributes: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];
  return value === undefined ? undefined : decodeHTML(value);
}
