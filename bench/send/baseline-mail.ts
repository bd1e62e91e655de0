import { Liquid } from 'liquidjs';
import { createTransport } from 'nodemailer';
import { writeText, writeTitle } from '../support/sample-text.js';

/** What differs from mail to mail. */
export type BaselineReader = { id: number; email: string; unsubscribeUrl: string };

const ARTICLE_COUNT = 9;

const HTML_TEMPLATE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body style="margin:0;background:#f4f1ea;font-family:Georgia,serif">
<table role="presentation" width="100%"><tr><td style="padding:24px;max-width:600px">
{% for article in articles %}
<h2 style="font-size:20px;line-height:1.3;margin:24px 0 8px"><a style="color:#1c1917" href="{{ article.url }}">{{ article.title }}</a></h2>
<p style="font-size:13px;color:#57534e;margin:0 0 8px">{{ article.author }} · {{ article.minutes }} min read</p>
<p style="font-size:17px;line-height:1.5;color:#1c1917;margin:0 0 16px">{{ article.text }}</p>
<p><a style="color:#9a3412" href="{{ article.url }}">Read the article</a></p>
{% endfor %}
<p style="font-size:13px">{{ reader.email }} gets this because she asked for it.
<a href="{{ reader.unsubscribeUrl }}">Unsubscribe</a></p>
</td></tr></table></body></html>`;

const TEXT_TEMPLATE = `{% for article in articles %}{{ article.title }}
{{ article.text }}
{{ article.url }}

{% endfor %}{{ reader.email }} gets this because she asked for it.
Unsubscribe: {{ reader.unsubscribeUrl }}
`;

const liquid = new Liquid({ outputEscape: 'escape' });
const html = liquid.parse(HTML_TEMPLATE);
const text = liquid.parse(TEXT_TEMPLATE);

/** What Nodemailer is given for one reader; the templates are parsed once. */
export function composeBaselineMail(reader: BaselineReader, articles: readonly object[]) {
  const data = { title: 'The Bench Post', articles, reader };
  return {
    from: { name: 'The Bench Post', address: 'post@bench.example' },
    to: reader.email,
    subject: 'Nine stories from the bench',
    html: liquid.renderSync(html, data) as string,
    text: liquid.renderSync(text, data) as string,
    headers: {
      'List-Unsubscribe': `<${reader.unsubscribeUrl}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  };
}

/** Articles so long that a mail has about this many bytes on the wire. */
export async function createArticlesOfSize(bytes: number): Promise<object[]> {
  let length = 600;
  for (let round = 0; round < 4; round += 1) {
    const size = await measureMail(createArticles(length));
    length += Math.round((bytes - size) / (2 * ARTICLE_COUNT));
  }
  return createArticles(length);
}

function createArticles(length: number): object[] {
  return Array.from({ length: ARTICLE_COUNT }, (_, at) => ({
    url: `https://bench.example/articles/${at + 1}`,
    title: writeTitle(at + 1),
    author: 'Ada Example',
    minutes: 3,
    text: writeText(at + 1, length).slice(0, length),
  }));
}

async function measureMail(articles: readonly object[]): Promise<number> {
  const reader = {
    id: 1,
    email: 'reader-1@mail.example',
    unsubscribeUrl: `https://bench.example/u/${'x'.repeat(80)}`,
  };
  const built = await createTransport({ streamTransport: true, buffer: true }).sendMail(
    composeBaselineMail(reader, articles),
  );
  return (built.message as Buffer).length;
}
