import type { Article } from '../../src/articles/article.js';
import { sanitiseHtml } from '../../src/articles/clean/sanitise.js';
import { prepareContent, type DigestContent } from '../../src/digests/compose/digest-content.js';
import { renderEditorNote } from '../../src/digests/compose/editor-note.js';
import { fillHtml, fillText, removePlaceholders } from '../../src/digests/compose/placeholders.js';
import { fitMail, type ComposedMail } from '../../src/digests/compose/compose-mail.js';
import { formatDate } from '../../src/platform/text/format-dates.js';
import { createTemplates } from '../../src/platform/templates/templates.js';
import type { Publication } from '../../src/publications/publication.js';

import { archiveUrl } from '../../src/digests/compose/list-headers.js';
import { describeRhythm } from '../../src/deliveries/rhythm-text.js';

export const templates = createTemplates({ dir: 'templates' });

/** The time at which all golden mails are rendered. */
export const date = new Date('2026-09-22T04:00:00Z');

export const lantern: Publication = {
  id: '01999999-0000-7000-8000-000000000001',
  number: 1,
  slug: 'harbour-lantern',
  firstSlug: 'harbour-lantern',
  name: 'The Harbour Lantern',
  siteUrl: 'https://lantern.example/',
  fromName: 'The Harbour Lantern',
  fromAddress: 'news@lantern.example',
  noticeAddress: null,
  replyTo: null,
  postalAddress: '4 Quay Street, Marrowby',
  contact: 'desk@lantern.example',
  locale: 'en',
  timezone: 'Africa/Nairobi',
  defaultCadence: 'weekly',
  hour: 7,
  weekday: 1,
  dayOfMonth: 1,
  neverEmailCategories: [],
  topics: [],
  holdMinutes: 10,
  contentMode: 'summary',
  approval: false,
  unapprovedWords: 'leave-out',
  archive: 'public',
  accent: null,
  logo: null,
  formLists: [],
  evidenceDays: 0,
  privacyUrl: 'https://lantern.example/privacy',
  welcomeText: null,
  subjectTemplate: null,
  lastSeq: 0,
  instantPlannedSeq: 0,
  createdAt: date,
  archivedAt: null,
  liveAt: date,
  signedBy: null,
  serverSelector: null,
};

const stories = [
  [
    'Nobody owns the yellow buoy',
    'It has drifted past the breakwater every morning since March, and three offices have written to say that it is not theirs. The harbour master has begun to feed the gull that lives on it.',
  ],
  [
    'The last net mender takes an apprentice',
    'Tomasz Reed is eleven, left-handed, and already faster than his teacher at the sheet bend.',
  ],
  [
    'Why the tide tables were wrong in June',
    'A clerk added an hour for summer time that the moon does not keep. Nobody ran aground, but four weddings were photographed in mud.',
  ],
  [
    'Soup for forty, on one ring',
    'The mission kitchen lost its second burner in the storm. Here is what they cook now, and the order they do it in.',
  ],
  [
    'A map of every bench with a view',
    'Readers sent us sixty-one. We sat on all of them, some of them twice, and one of them only until the goat came back.',
  ],
] as const;

const articleBody = (summary: string) => `<p>${summary}</p>
<h2>What they say at the office</h2>
<p>“We are aware of the <a href="https://lantern.example/buoys?year=2026&amp;page=2">register of buoys</a>,” says a letter that reached us on Friday.</p>
<blockquote><p>It is yellow. Beyond that we can confirm nothing.</p></blockquote>
<ul><li>Length: two metres</li><li>Weight: more than a boat</li></ul>`;

/** Markup as editors' programs put it into articles. */
const allMarkup = `<figure><img src="https://lantern.example/pictures/1-1024x683.jpg" width="1024" height="683" alt="A yellow buoy"><figcaption>The buoy on Tuesday. Photo: Ada Quill</figcaption></figure>
<p>It drifts.<sup><a href="#fn1">1</a></sup></p><h1>Part one</h1><h4>Measured</h4><h6>By hand</h6>
<ul><li>Length<ul><li>two metres, or very nearly two metres, as far as anybody at the harbour office was able to tell</li></ul></li><li>Weight</li></ul>
<table><thead><tr><th>Day</th><th>Place</th></tr></thead><tbody><tr><td>Monday</td><td>Breakwater</td></tr><tr><td>Tuesday</td><td>Ferry</td></tr></tbody></table>
<pre><code>if (buoy.isYellow) {\n    report('A line of code that is longer than any screen on which somebody would want to read it', buoy);\n}</code></pre>
<blockquote><p>We can confirm nothing.</p></blockquote><hr><p><iframe src="https://lantern.example/films/abc" title="The buoy at dawn"></iframe></p><p id="fn1">1. Since March.</p>`;

export function article(number: number, changes: Partial<Article> = {}): Article {
  const [title, summary] = stories[number % stories.length] ?? stories[0];
  const day = 15 + (number % 7);
  return {
    id: `01999999-0000-7000-8000-0000000001${String(number).padStart(2, '0')}`,
    publicationId: lantern.id,
    feedId: null,
    externalId: String(number),
    url: `https://lantern.example/stories/${number + 1}?from=feed&n=${number + 1}`,
    title,
    summary,
    contentHtml: articleBody(summary),
    authors: number % 2 === 0 ? ['Ines Calder', 'Tomasz Reed'] : ['Ada Quill'],
    image: `https://lantern.example/pictures/${number + 1}.jpg`,
    categories: [],
    publishedAt: new Date(Date.UTC(2026, 8, day, 11, 2)),
    updatedAt: null,
    firstSeenAt: date,
    state: 'released',
    holdId: null,
    holdReason: null,
    retraction: null,
    releaseAt: date,
    seq: number + 1,
    ...changes,
  };
}

const createArticles = (count: number, changes: Partial<Article> = {}) =>
  Array.from({ length: count }, (_, at) => article(at, changes));

const arabic = {
  title: 'لا أحد يملك العوامة الصفراء',
  summary: 'تنجرف كل صباح أمام كاسر الأمواج منذ شهر مارس، وقد كتبت ثلاث دوائر تقول إنها ليست لها.',
  contentHtml: articleBody('تنجرف كل صباح أمام كاسر الأمواج منذ شهر مارس.'),
  authors: ['ليلى حداد'],
};

/** Two languages of both directions, block by block. */
const bothDirections = `<h2>من الميناء</h2><p>تنجرف العوامة كل صباح (<b>yellow buoy</b>).</p><p>The office says: «لا نعرف».</p>
<blockquote><p>هي صفراء. لا نؤكد غير ذلك.</p></blockquote><blockquote><p>It is yellow.</p></blockquote>
<ul><li>الطول: متران</li><li>Weight: more than a boat</li></ul><ol><li>One</li><li>اثنان</li></ol>
<p><code>buoy.find()</code> هو الأمر:</p><pre><code>buoy.find(); // العوامة</code></pre>
<table><tbody><tr><td>الاثنين</td><td>Breakwater</td></tr></tbody></table>`;

type DigestCase = {
  locale?: string;
  articles: Article[];
  publication?: Partial<Publication>;
  operatorText?: OperatorTextInput;
};

/** Every golden digest, by the name of its file. */
export const digests: Record<string, DigestCase> = {
  'digest-en': { articles: createArticles(5) },
  'digest-sw': { locale: 'sw', articles: createArticles(5) },
  'digest-ar': {
    locale: 'ar',
    publication: { locale: 'ar', name: 'منارة الميناء', fromName: 'منارة الميناء' },
    articles: [article(0, arabic), article(1), article(2, arabic)],
    operatorText: { subject: null, note: 'كلمة من المحرر: شكرًا لكم على الانتظار.' },
  },
  'article-en': { publication: { contentMode: 'full' }, articles: [article(0)] },
  'article-ar': {
    locale: 'ar',
    publication: { locale: 'ar', name: 'منارة الميناء', contentMode: 'full' },
    articles: [article(0, arabic)],
  },
  'both-directions-en': {
    publication: { contentMode: 'full' },
    articles: [article(0, { contentHtml: bothDirections })],
  },
  'both-directions-ar': {
    locale: 'ar',
    publication: { locale: 'ar', name: 'منارة الميناء', contentMode: 'full' },
    articles: [article(0, { ...arabic, contentHtml: bothDirections }), article(1)],
    operatorText: { subject: null, note: 'Two words of the editor.\n\n> كلمة' },
  },
  'kitchen-en': { publication: { contentMode: 'full' }, articles: [article(0, { contentHtml: allMarkup })] },
  'full-en': { publication: { contentMode: 'full' }, articles: createArticles(2) },
  'bare-en': {
    publication: { postalAddress: null, contact: null },
    articles: createArticles(2, {
      image: null,
      summary: '',
      contentHtml: '',
      authors: [],
      publishedAt: null,
    }),
  },
  'forty-en': { articles: createArticles(40) },
  'odd-en': {
    articles: [
      article(0, { title: `${'A title that goes on and on, '.repeat(11)}for 330 characters`, image: null }),
      article(1, { title: '<script>alert(1)</script> & "co" {{ x }}', url: 'javascript:alert(1)' }),
      article(2, { title: '🌊 Emoji, \u0092quotes\u0092 and a fam\u00adily 👩‍👩‍👧', authors: ['<b>Bold</b>'] }),
      article(3, { title: 'Averylongwordwithoutanyspace'.repeat(9), image: 'data:image/png;base64,AAAA' }),
      article(4, arabic),
    ],
    operatorText: {
      subject: null,
      note: 'Two lines\nof a **note**.\n\n<i>And</i> [a link](https://lantern.example/x?a=1&b=2), <script>alert(1)</script>\n\n- one\n- two',
    },
  },
  'long-en': { articles: [article(0, { title: `${'A title that goes on and on, '.repeat(10)}until here` })] },
  'announcement-en': {
    articles: [],
    operatorText: {
      subject: 'We are closed on Friday',
      note: 'The office opens again on Monday at nine.\n\nUntil then: https://lantern.example/help?a=1&b=2.',
    },
  },
  'words-en': {
    articles: createArticles(2),
    operatorText: {
      subject: 'Two for the weekend',
      preheader: 'And the **office** is closed on Friday',
      note: 'Dear readers,\n\nthis week there are *two*.',
      outro: 'Until next week,\nthe [editors](https://lantern.example/about).',
    },
  },
  'look-en': {
    publication: { accent: '#7dd3fc', logo: 'https://lantern.example/logo.png' },
    articles: createArticles(2),
    operatorText: { subject: 'Two for the weekend', note: null },
  },
};

/** The reader of the golden mails, and her links. */
export const readerValues = {
  email: 'a.reader.with.quite.a.long.name@example.com',
  unsubscribeUrl: `https://mail.lantern.example/unsubscribe/${'t'.repeat(34)}`,
  manageUrl: `https://mail.lantern.example/manage/${'t'.repeat(34)}`,
};

/** A digest as its reader gets it. */
export function writeDigest(name: string): ComposedMail & { urls: string[] } {
  const { locale = 'en', articles, publication: changes = {}, operatorText } = findCase(digests, name);
  const publication = { ...lantern, ...changes };
  const mail = fitMail(templates, locale, createContent(articles, publication, operatorText));
  const confirmedOn = formatDate(new Date('2026-03-03T09:00:00Z'), publication.timezone, locale);
  const rhythm = describeRhythm(
    { templates },
    { ...publication, cadence: 'weekly', atMostDaily: false },
    locale,
  );
  const how = templates.t(locale, 'mail.how.confirmed', { publication: publication.name, confirmedOn });
  const values = { ...readerValues, confirmedOn, how, moved: '', rhythm };
  const urls = articles.slice(-15).flatMap(({ url }) => (url?.startsWith('https:') ? [url] : []));
  return { ...mail, html: fillHtml(mail.html, values), text: fillText(mail.text, values), urls };
}

/** What an operator wrote; note and outro are Markdown. */
type OperatorTextInput = {
  subject: string | null;
  note: string | null;
  preheader?: string | null;
  outro?: string | null;
};

/** What a digest of these articles is made of. */
export function createContent(
  articles: readonly Article[],
  publication = lantern,
  { subject, note, preheader = null, outro = null }: OperatorTextInput = { subject: null, note: null },
): DigestContent {
  const url = archiveUrl('https://mail.lantern.example', publication, lantern.id);
  const render = (text: string | null) => (text === null ? null : renderEditorNote(text));
  const operatorText = { subject, preheader, note: render(note), outro: render(outro), kept: [] };
  const ingredients = {
    publication,
    articles: articles.map(sanitiseArticle),
    operatorText,
    date,
    archiveUrl: url,
  };
  return prepareContent(removePlaceholders(ingredients));
}

/** An article as it is stored. */
function sanitiseArticle(one: Article): Article {
  return { ...one, contentHtml: sanitiseHtml(one.contentHtml, lantern.siteUrl) };
}

/** @throws when there is no such case */
export function findCase<Value>(all: Record<string, Value>, name: string): Value {
  const value = all[name];
  if (value === undefined) throw new Error(`There is no ${name}`);
  return value;
}
