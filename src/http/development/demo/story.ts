/** An article of the demo newspaper that is not published yet. */
export type Story = {
  slug: string;
  title: string;
  author: string;
  topic: 'Harbour' | 'Town' | 'Kitchen' | 'Shore';
  /** One or two sentences that stand for the article in the feed and on the front page. */
  summary: string;
  /** Paragraphs parted by blank lines; one that starts with "> " is a quotation. */
  body: string;
};

export type PublishedStory = Story & { publishedAt: Date };

/** The body as HTML paragraphs: for the page and for `content:encoded` in the feed. */
export function storyHtml({ body }: Pick<Story, 'body'>): string {
  return body
    .trim()
    .split(/\n\s*\n/)
    .map(paragraphHtml)
    .join('\n');
}

/** The file of its picture among the assets; tide notes share one. */
export function pictureOf({ slug }: Pick<Story, 'slug'>): string {
  return `demo-${slug.startsWith('tide-tables-') ? 'tide-tables' : slug}.jpg`;
}

/** Whole minutes at 220 words a minute, at least one. */
export function readingMinutes({ body }: Pick<Story, 'body'>): number {
  return Math.max(1, Math.round(body.split(/\s+/).length / 220));
}

/** The characters that XML and HTML both keep for themselves. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function paragraphHtml(paragraph: string): string {
  const text = escapeXml(paragraph.replace(/^> /, '').replace(/\n/g, ' '));
  return paragraph.startsWith('> ') ? `<blockquote><p>${text}</p></blockquote>` : `<p>${text}</p>`;
}
