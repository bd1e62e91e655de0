import { renderForm, type EmbedConfig } from './config.js';
import { button, element } from './dom.js';
import { enhanceForm } from './form.js';
import { hideWhileInView, openPanel, reserveBottomSpace } from './panel.js';
import { watchForPrompt } from './prompt.js';
import { storeItem } from './local-storage.js';

rememberMailVisitor();

/**
 * Every tag with a configuration, not only the one that runs: optimisers and caches load this as a module, by `import()` or
 * `eval`, where the browser names none. A second start for the same newsletter changes nothing.
 */
for (const tag of [document.currentScript as HTMLScriptElement, ...document.scripts]) {
  try {
    const config = JSON.parse(tag.dataset['config'] as string) as EmbedConfig;
    if (config.form) start(config, tag.dataset);
  } catch {
    // It has none, or that of somebody else's script.
  }
}

function start(config: EmbedConfig, options: DOMStringMap): void {
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', () => install(config, options));
  else install(config, options);
}

function install(config: EmbedConfig, { prompt, button: label, ...rules }: DOMStringMap): void {
  const name = `paperround-${config.slug}`;
  // A second script tag for the same newsletter changes nothing.
  if (customElements.get(name)) return;
  customElements.define(
    name,
    class extends HTMLElement {
      connectedCallback() {
        mountForm(this, config);
      }
    },
  );
  if (label !== undefined) addFloatingButton(config, label);
  if (prompt !== 'slide-in' && prompt !== 'dialog') return;
  watchForPrompt(
    (rule, usual) => {
      const given = parseFloat(rules[rule] ?? '');
      return given >= 0 ? given : usual;
    },
    // On a narrow screen a dialog would cover the whole page.
    () => openPanel(config, innerWidth < 640 ? 'slide-in' : prompt),
  );
}

/** Uses the form inside the element; where the publisher's page has none there, ours replaces the link. */
function mountForm(host: HTMLElement, config: EmbedConfig): void {
  const inside = host.shadowRoot ?? host;
  host.dataset['nl'] = '';
  const form = inside.querySelector('form') ?? renderForm(host, config).querySelector('form');
  if (form) enhanceForm(form, config);
}

/**
 * A link in our mails ends with `?nl`: whoever follows one is a reader already, and gets no prompt. Takes the `nl` out of
 * the address.
 */
function rememberMailVisitor(): void {
  const { pathname, search, hash } = location;
  const rest = search.replace(/(?<=[?&])nl(&|$)/, '');
  if (rest === search) return;
  storeItem('nl-off', 'known');
  history.replaceState(history.state, '', pathname + rest.replace(/[?&]$/, '') + hash);
}

function addFloatingButton(config: EmbedConfig, label: string): void {
  const host = element('div');
  const root = renderForm(host, config);
  const open = button(label || config.words.subscribe, () => openPanel(config, 'called', open));
  open.className = 'nl-float';
  root.replaceChildren(open);
  // Outside the body, which some sites replace when they open the next article without loading a page.
  document.documentElement.append(host);
  reserveBottomSpace(`${open.offsetHeight + 32}px`);
  hideWhileInView(open);
}
