import { escapeXml, storyHtml, type PublishedStory } from './story.js';

export const PAPER = {
  name: 'The Harbour Lantern',
  description: 'News from Marrowby and the bay, brought in with the tide.',
};

/**
 * The newest stories as RSS 2.0 with `dc:creator`, `content:encoded` and `media:content`.
 * @param base the site's address, without a slash at its end
 * @param pictureUrl the address of a story's picture
 */
export function rssFeed(
  stories: PublishedStory[],
  base: string,
  pictureUrl: (story: PublishedStory) => string,
): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel>
<title>${escapeXml(PAPER.name)}</title>
<link>${escapeXml(base)}</link>
<description>${escapeXml(PAPER.description)}</description>
<language>en</language>
<atom:link href="${escapeXml(base)}/feed.xml" rel="self" type="application/rss+xml"/>
${stories
  .slice(0, 20)
  .map((story) => item(story, base, pictureUrl(story)))
  .join('\n')}
</channel>
</rss>
`;
}

/** The guid is not the address, which changes with the port that the demo runs on. */
function item(story: PublishedStory, base: string, picture: string): string {
  return `<item>
<title>${escapeXml(story.title)}</title>
<link>${escapeXml(`${base}/articles/${story.slug}`)}</link>
<guid isPermaLink="false">harbour-lantern:${story.slug}</guid>
<pubDate>${story.publishedAt.toUTCString()}</pubDate>
<dc:creator>${escapeXml(story.author)}</dc:creator>
<category>${escapeXml(story.topic)}</category>
<description>${escapeXml(story.summary)}</description>
<media:content url="${escapeXml(picture)}" medium="image" type="image/jpeg"/>
<content:encoded><![CDATA[${storyHtml(story).replaceAll(']]>', ']]]]><![CDATA[>')}]]></content:encoded>
</item>`;
}
