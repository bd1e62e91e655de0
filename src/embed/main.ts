import { renderForm, type Config } from './config.js';
import { button, element, upgradeForm } from './form.js';
import { keepRoom, openPanel, type Manner } from './panel.js';
import { watchReader } from './prompt.js';
import { remember } from './store.js';

const script = document.currentScript as HTMLScriptElement | null;

if (script?.dataset['config']) start(JSON.parse(script.dataset['config']) as Config, script.dataset);

function start(config: Config, wishes: DOMStringMap): void {
  welcomeReader();
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', () => set(config, wishes));
  else set(config, wishes);
}

function set(config: Config, { prompt, button: label, ...rules }: DOMStringMap): void {
  const name = `paperround-${config.slug}`;
  // A second tag of the same newsletter adds nothing.
  if (customElements.get(name)) return;
  customElements.define(
    name,
    class extends HTMLElement {
      connectedCallback() {
        place(this, config);
      }
    },
  );
  if (label !== undefined) float(config, label);
  if (prompt !== 'slide-in' && prompt !== 'dialog') return;
  const number = (rule: string, usual: number) => {
    const told = parseFloat(rules[rule] ?? '');
    return told >= 0 ? told : usual;
  };
  watchReader(
    {
      forms: name,
      seconds: number('afterSeconds', 30),
      scroll: number('afterScroll', 90),
      article: number('fromArticle', 2),
      days: number('everyDays', 30),
      most: number('atMost', 3),
    },
    // On a narrow screen a dialog would be a wall.
    () => ask(config, matchMedia('(max-width:639px)').matches ? 'slide-in' : prompt),
  );
}

/** Focus and scroll go back to where she was. */
function ask(config: Config, manner: Manner): void {
  const before = document.activeElement as HTMLElement | null;
  const y = scrollY;
  openPanel(config, manner, (hadFocus) => {
    if (hadFocus) before?.focus({ preventScroll: true });
    if (manner === 'dialog') scrollTo(0, y);
  });
}

/** A form that stands there is kept; where none stands, ours takes the place of the link. */
function place(host: HTMLElement, config: Config): void {
  const inside = host.shadowRoot ?? host;
  const form = (inside.querySelector('form') ? inside : renderForm(host, config)).querySelector('form');
  if (form) upgradeForm(form, config);
}

/** Our mails link with `?nl`: whoever comes by one reads the newsletter, and is never asked. Only we see the mark. */
function welcomeReader(): void {
  const { pathname, search, hash } = location;
  const rest = search.replace(/(?<=[?&])nl(&|$)/, '');
  if (rest === search) return;
  remember('nl-off', 'known');
  history.replaceState(history.state, '', pathname + rest.replace(/[?&]$/, '') + hash);
}

function float(config: Config, label: string): void {
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
  keepRoom(`${open.offsetHeight + 32}px`);
}
