import { accentFor } from '../../../platform/templates/accent-colour.js';
import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import { applyTheme, type Theme } from './theme.js';
import { readFormOptions } from '../sign-up/form-options.js';

type EmbedContext = Pick<Context, 'db' | 'now' | 'templates' | 'publicUrl'>;

export const snippetKinds = ['isolated', 'plain', 'script', 'pinned'] as const;
export type SnippetKind = (typeof snippetKinds)[number];

/** The HTML that publishers paste into their pages to have the form there. */
export async function renderSnippet(
  context: EmbedContext,
  publication: Publication,
  kind: SnippetKind,
  theme?: Theme,
): Promise<string> {
  const { templates, publicUrl: home } = context;
  const data = {
    kind,
    publication,
    home,
    build: templates.embed.build,
    form: await embedForm(context, publication, { lasting: true }),
    theme,
    css: kind === 'plain' ? templates.embed.styles.plain : isolatedCss(context, publication, theme),
    config:
      kind === 'pinned'
        ? JSON.stringify(await embedConfig(context, publication, { lasting: true, theme }))
        : '',
  };
  return templates.page('partials/embed-snippet', publication.locale, data).trim();
}

/** The style sheet of the form in a shadow root, in the publication's colour. */
function isolatedCss(
  { templates }: Pick<Context, 'templates'>,
  { accent }: Publication,
  theme: Theme | undefined,
): string {
  const { light, dark } = accentFor(accent);
  return `${applyTheme(templates.embed.styles.form, theme)}:host{--light:${light};--dark:${dark}}`;
}

/** The configuration that the script of `src/embed` reads from its tag: all that differs between publications. */
export async function embedConfig(
  context: EmbedContext,
  publication: Publication,
  { lasting, theme }: { lasting: boolean; theme: Theme | undefined },
): Promise<Record<string, unknown>> {
  return {
    slug: publication.slug,
    form: await embedForm(context, publication, { lasting }),
    css: isolatedCss(context, publication, theme) + applyTheme(context.templates.embed.styles.panel, theme),
    words: embedMessages(context, publication),
  };
}

async function embedForm(
  context: EmbedContext,
  publication: Publication,
  { lasting }: { lasting: boolean },
): Promise<string> {
  const offer = await readFormOptions(context, publication);
  const data = { publication, home: context.publicUrl, offer, lasting };
  return context.templates.page('partials/embed-form', publication.locale, data);
}

const messageKeys = [
  'sending',
  'another',
  'offline',
  'unreachable',
  'heading',
  'calm',
  'reading',
  'never',
  'close',
] as const;

/** The script replaces `{}` with the address. */
function embedMessages(
  { templates }: EmbedContext,
  { locale, contact }: Publication,
): Record<string, string> {
  const t = (key: string, values = {}) => templates.t(locale, key, values);
  const helper = contact === null ? [] : [t('errors.orContact', { contact })];
  return {
    ...Object.fromEntries(messageKeys.map((key) => [key, t(`embed.${key}`)])),
    done: t('embed.done', { email: '{}' }),
    broken: [t('embed.broken'), ...helper].join(' '),
    use: t('form.useSuggestion', { email: '{}' }),
    keep: t('form.keepTyped'),
    subscribe: t('form.subscribe'),
  };
}
