/**
 * Class names and ids of what publishing software adds around an article: share bars, "you may also like", sign-up
 * boxes. They make sense on the site, not in a mail that the reader has already signed up for.
 */
const BOILERPLATE_NAMES = new Set(
  (
    'feedflare sharing-buttons social-share social-sharing share-buttons share-bar share-links post-share post-sharing ' +
    'entry-share blog-share wp-block-social-links related-posts subscribe-form subscribe-widget newsletter-form ' +
    'newsletter-signup email-signup signup-form headerlink header-anchor heading-anchor screen-reader-text sr-only ' +
    'visually-hidden'
  ).split(' '),
);

/** Jetpack, AddToAny, ShareThis, Substack, Ghost, Mailchimp, ConvertKit, MailerLite, and others by how they begin. */
const BOILERPLATE_PREFIXES = new RegExp(
  '^(?:' +
    [
      'sharedaddy|sd-(?:sharing|social|like)|jp-(?:relatedposts|post-flair)|jetpack-(?:likes|subscri|sharing)|jetpack_subscri',
      'wp-block-jetpack-(?:subscri|sharing|likes|related)|a2a_|addtoany|sharethis|st-(?:inline|sticky)|heateor|essb_|ssba',
      'swp_social|mashsb|shariff|dpsp-|novashare|yarpp|crp_related|outbrain|taboola|disqus',
      'subscription-widget|kg-signup-card|gh-(?:subscribe|signup)|mc_embed_s|mc4wp|formkit-|seva-|ck_form|convertkit',
      'ml-(?:embedded|form)|beehiiv-|buttondown-|tnp-|mailpoet_form|hs-form|kg-(?:audio|video)-(?:player(?!-container)|thumbnail|hide|overlay)',
      'field--name-(?:title|uid|created|comment|links)|comment-form',
    ].join('|') +
    ')',
  'i',
);

/** Where forms and buttons lead that subscribe to the newsletter they stand in. */
const SIGN_UP_URL =
  /list-manage\.com|(?:convertkit|kit|buttondown|mailerlite|sendfox|beehiiv|tinyletter)\.(?:com|email)\/|\/subscribe\b|newsletter/i;

const SHARE_URL =
  /^(?:https?:\/\/(?:[\w-]+\.)*(?:facebook\.com\/(?:sharer|share\.php|dialog\/share)|(?:twitter|x)\.com\/(?:intent|share)|linkedin\.com\/(?:shareArticle|sharing|cws\/share)|pinterest\.[\w.]+\/pin\/create|reddit\.com\/submit|tumblr\.com\/(?:share|widgets\/share)|getpocket\.com\/(?:save|edit)|(?:t|telegram)\.me\/share|whatsapp\.com\/send|bsky\.app\/intent|threads\.(?:net|com)\/intent|addtoany\.com\/|vk\.com\/share|news\.ycombinator\.com\/submitlink)|whatsapp:|mailto:\?)|[?&]action=share\b|[?&]share=(?:facebook|twitter|x|linkedin|pinterest|reddit|tumblr|telegram|email|jetpack-whatsapp|mastodon|bluesky|threads|pocket)\b/i;

/** True for an element that is not part of the article, judged by its names, or that its page hides. */
export function isBoilerplate(attributes: Record<string, string>): boolean {
  const names = `${attributes['class'] ?? ''} ${attributes['id'] ?? ''}`.slice(0, 1000).split(/\s+/);
  return (
    names.some((name) => BOILERPLATE_NAMES.has(name) || BOILERPLATE_PREFIXES.test(name)) ||
    isSubstackButton(attributes) ||
    'hidden' in attributes ||
    isHidden(attributes['style'])
  );
}

/** True for a form that subscribes to something. Its words and fields go together. */
export function isSignUpForm({ action = '' }: Record<string, string>): boolean {
  return SIGN_UP_URL.test(action.slice(0, 500));
}

/** True for the link of a share button: to a network's page that posts this article. */
export function isShareLink(href: string | undefined): boolean {
  return SHARE_URL.test((href ?? '').slice(0, 500));
}

/** Substack's buttons are all alike but for what they carry: subscribe, share and comment. */
function isSubstackButton(attributes: Record<string, string>): boolean {
  const component = attributes['data-component-name'] ?? '';
  if (component.startsWith('Subscribe')) return true;
  const carried = (attributes['data-attrs'] ?? '').slice(0, 2000);
  return /Button/.test(component) && /\/subscribe\b|action=share|\/comments\b/.test(carried);
}

/** `display: none` and its kin in a style attribute. */
export function isHidden(style: string | undefined): boolean {
  return /(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test((style ?? '').slice(0, 1000));
}
