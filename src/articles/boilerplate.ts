/**
 * Class names of what publishing software adds around an article: share bars, "you may also like", sign-up boxes.
 * They make sense on the site, not in a mail that the reader has already signed up for.
 */
const CLASSES = new Set([
  'sharedaddy',
  'sd-sharing-enabled',
  'jp-relatedposts',
  'wp-block-jetpack-subscriptions',
  'wp-block-jetpack-sharing-buttons',
  'jetpack-likes-widget-wrapper',
  'subscription-widget-wrap',
  'subscription-widget',
  'feedflare',
  'addtoany_share_save_container',
  'addtoany_content',
  'heateor_sss_sharing_container',
  'sharethis-inline-share-buttons',
  'social-share',
  'share-buttons',
  'post-share',
  'mc4wp-form',
  'headerlink',
  'header-anchor',
  'heading-anchor',
  'screen-reader-text',
  'sr-only',
]);

/** True for an element that is not part of the article, judged by its class, or that its page hides. */
export function isBoilerplate(attributes: Record<string, string>): boolean {
  const classes = (attributes['class'] ?? '').slice(0, 1000).split(/\s+/);
  return classes.some((name) => CLASSES.has(name)) || 'hidden' in attributes || isHidden(attributes['style']);
}

/** `display: none` and its kin in a style attribute. */
export function isHidden(style: string | undefined): boolean {
  return /(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test((style ?? '').slice(0, 1000));
}
