/** The JSON in the script tag's `data-config`: a publication's form and texts, in its language. */
export type EmbedConfig = {
  /** The name of the custom element is `paperround-` and this. */
  slug: string;
  /** The whole form as HTML, as our server renders it. */
  form: string;
  /** Its style sheet, with the publication's colour in a readable shade for light and for dark backgrounds. */
  css: string;
  words: Words;
};

/** In `done` and `use`, `{}` is replaced by an address. */
export type Words = {
  sending: string;
  done: string;
  offline: string;
  unreachable: string;
  broken: string;
  use: string;
  another: string;
  keep: string;
  subscribe: string;
  heading: string;
  calm: string;
  reading: string;
  never: string;
  close: string;
};

/**
 * Renders the form in a shadow root: the page's styles do not reach it, and its own are no inline element, which a strict
 * policy of the page (CSP) would refuse.
 * @throws in a browser without constructable style sheets, before anything was changed
 */
export function renderForm(host: HTMLElement, { form, css }: EmbedConfig): ShadowRoot {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [sheet];
  root.innerHTML = form;
  return root;
}
