import { renderForm, type EmbedConfig } from './config.js';
import { button, element, enhanceForm } from './form.js';
import { reserveBottomSpace, openPanel, type PanelMode } from './panel.js';
import { watchForPrompt } from './prompt.js';
import { storeItem } from './local-storage.js';

const script = document.currentScript as HTMLScriptElement | null;

if (script?.dataset['config']) start(JSON.parse(script.dataset['config']) as EmbedConfig, script.dataset);

function start(config: EmbedConfig, wishes: DOMStringMap): void {
  rememberMailVisitor();
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', () => install(config, wishes));
  else install(config, wishes);
}

function install(config: EmbedConfig, { prompt, button: label, ...rules }: DOMStringMap): void {
  const name = `paperround-${config.slug}`;
  // A second tag of the same newsletter adds nothing.
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
  const number = (rule: string, usual: number) => {
    const told = parseFloat(rules[rule] ?? '');
    return told >= 0 ? told : usual;
  };
  watchForPrompt(
    {
      forms: name,
      seconds: number('afterSeconds', 30),
      scroll: number('afterScroll', 90),
      article: number('fromArticle', 2),
      days: number('everyDays', 30),
      max: number('atMost', 3),
    },
    // On a narrow screen a dialog would be a wall.
    () => openPrompt(config, matchMedia('(max-width:639px)').matches ? 'slide-in' : prompt),
  );
}

/** Focus and scroll go back to where she was. */
function openPrompt(config: EmbedConfig, manner: PanelMode): void {
  const before = document.activeElement as HTMLElement | null;
  const y = scrollY;
  openPanel(config, manner, (hadFocus) => {
    if (hadFocus) before?.focus({ preventScroll: true });
    if (manner === 'dialog') scrollTo(0, y);
  });
}

/** A form that stands there is kept; where none stands, ours takes the place of the link. */
function mountForm(host: HTMLElement, config: EmbedConfig): void {
  const inside = host.shadowRoot ?? host;
  const form = (inside.querySelector('form') ? inside : renderForm(host, config)).querySelector('form');
  if (form) enhanceForm(form, config);
}

/** Our mails link with `?nl`: whoever comes by one reads the newsletter, and is never asked. Only we see the mark. */
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
  // The box stands where the button stood.
  const open = button(label || config.words.subscribe, () => {
    openPanel(config, 'called', (hadFocus) => {
      open.hidden = false;
      if (hadFocus) open.focus();
    });
    open.hidden = true;
  });
  open.className = 'nl-float';
  root.replaceChildren(open);
  // Outside the body, which some sites change for another when they open the next article.
  document.documentElement.append(host);
  reserveBottomSpace(`${open.offsetHeight + 32}px`);
}
