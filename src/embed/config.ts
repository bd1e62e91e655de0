/** What a script tag carries: the sentences of its publication, in its language, and how the page wants to be asked. */
export type EmbedConfig = {
  /** Our element is `<paperround-slug>`. */
  slug: string;
  /** The whole form as HTML, as our server writes it. */
  form: string;
  /** Its style, with the publication's colour as it can be read on light and on dark paper. */
  css: string;
  words: Words;
};

/** `{}` stands for the address. */
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
 * A shadow root with the form in it: no style of the page reaches it, and its own style needs no inline element, which
 * a strict policy of the page would refuse.
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
