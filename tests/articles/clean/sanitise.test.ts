import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sanitiseHtml } from '../../../src/articles/clean/sanitise.js';
import { removeImages } from '../../../src/articles/clean/remove-images.js';

const PAGE = 'https://blog.example/2026/spring/';

test.each([
  ['a script', '<p>a<script>alert(1)</script>b</p>', '<p>ab</p>'],
  ['a style sheet', '<style>p { color: red }</style><p>a</p>', '<p>a</p>'],
  ['an event handler', '<p onclick="alert(1)">a</p>', '<p>a</p>'],
  ['a style attribute', '<p style="position:fixed">a</p>', '<p>a</p>'],
  ['a class and an id', '<p class="x" id="y">a</p>', '<p>a</p>'],
  ['a comment', '<!-- secret --><p>a</p>', '<p>a</p>'],
  ['a conditional comment', '<!--[if mso]><p>x</p><![endif]--><p>a</p>', '<p>a</p>'],
  ['an svg with a script', '<svg><script>alert(1)</script></svg><p>a</p>', '<p>a</p>'],
  ['the content of noscript', '<noscript><p>x</p></noscript><p>a</p>', '<p>a</p>'],
  ['an unknown element', '<blink>a</blink>', 'a'],
  ['a sign-up form', '<form><label>Email</label><input><button>Go</button></form><p>a</p>', '<p>a</p>'],
  ['an object', '<object data="x.swf"><embed src="x.swf"></object><p>a</p>', '<p>a</p>'],
  ['a raw-text element', '<xmp><script>alert(1)</script></xmp><p>a</p>', '<p>a</p>'],
  ['an empty paragraph', '<p>a</p><p> </p><p><span><b></b></span></p><div><p><br></p></div>', '<p>a</p>'],
  ['a row of line breaks', 'a<br><br/><br><br>b', 'a<br /><br />b'],
  ['control characters', '<p>a\u0000\u0007b\u0085\u0092c&#0;&#x7;</p>', '<p>ab…’c\ufffd</p>'],
])('%s is removed', (_, html, expected) => {
  expect(sanitiseHtml(html, PAGE)).toBe(expected);
});

test.each([
  ['/about', 'https://blog.example/about'],
  ['post-2#top', 'https://blog.example/2026/spring/post-2#top'],
  ['#notes', 'https://blog.example/2026/spring/#notes'],
  ['//cdn.example/x', 'https://cdn.example/x'],
  ['http://plain.example', 'http://plain.example/'],
  ['mailto:editor@example.com', 'mailto:editor@example.com'],
  ['https://shop.example/?a=1&amp;b=2', 'https://shop.example/?a=1&amp;b=2'],
])('a link to %s becomes absolute', (href, expected) => {
  expect(sanitiseHtml(`<a href="${href}">x</a>`, PAGE)).toBe(`<a href="${expected}">x</a>`);
});

test.each([
  'javascript:alert(1)',
  ' java\nscript:alert(1)',
  '&#106;avascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'file:///etc/passwd',
  'https://reader:secret@bank.example/',
  `https://long.example/${'x'.repeat(3000)}`,
  'http://[',
])('a link to %s keeps its words and loses its target', (href) => {
  expect(sanitiseHtml(`<p><a href="${href}" title="t">words</a></p>`, PAGE)).toBe('<p>words</p>');
});

test('without a page to start from, relative links and pictures go and absolute ones stay', () => {
  const html =
    '<a href="/about">a</a> <a href="https://b.example/">b</a> <img src="/c.png"><img src="https://d.example/d.png">';
  expect(sanitiseHtml(html, undefined)).toBe(
    'a <a href="https://b.example/">b</a> <img src="https://d.example/d.png" alt="" />',
  );
});

test.each([
  ['an http picture', '<img src="http://pics.example/a.png">'],
  ['a data: picture', '<img src="data:image/png;base64,AAAA">'],
  ['a picture without an address', '<img alt="lost">'],
  ['a tracker of one pixel', '<img src="https://t.example/a.gif" width="1" height="1">'],
  ['a tracker of one pixel in units', '<img src="https://t.example/a.gif" width="1px">'],
  ['a tracker of no height', '<img src="https://t.example/a.gif" height="0">'],
  ['a tracker in a style', '<img src="https://t.example/a.gif" style="width:1px;height:1px">'],
  ['a hidden picture', '<img src="https://t.example/a.gif" style="display: none">'],
  ['the counter of a feed service', '<img src="https://feeds.feedburner.com/~r/blog/~4/abc">'],
  ['the counter of WordPress', '<img src="https://pixel.wp.com/b.gif?host=a&blog=1">'],
  ['the counter of Medium', '<img src="https://medium.com/_/stat?event=post.clientViewed">'],
  ['the counter of Blogger', '<img src="https://blogger.googleusercontent.com/tracker/1/2">'],
  ['the counter of Google Analytics', '<img src="https://www.google-analytics.com/collect?v=1">'],
  ['the counter of Mailchimp', '<img src="https://a.us1.list-manage.com/track/open.php?u=1">'],
  ['the counter of Facebook', '<img src="https://www.facebook.com/tr?id=1&ev=PageView">'],
  ['the counter of Matomo', '<img src="https://stats.example/matomo.php?idsite=1&rec=1">'],
  ['a placeholder', '<img src="https://blog.example/img/blank.gif">'],
])('%s is dropped', (_, html) => {
  expect(sanitiseHtml(`<p>a${html}b</p>`, PAGE)).toBe('<p>ab</p>');
});

test.each([
  [
    'keeps its description',
    '<img src="/a.png" alt="A boat">',
    '<img src="https://blog.example/a.png" alt="A boat" />',
  ],
  [
    'behind a placeholder is found',
    '<img src="data:image/gif;base64,R0" data-src="/a.png">',
    '<img src="https://blog.example/a.png" alt="" />',
  ],
  [
    'loses its srcset',
    '<img src="/a.png" srcset="/b.png 2x" sizes="50vw" loading="lazy">',
    '<img src="https://blog.example/a.png" alt="" />',
  ],
  [
    'that is only in a srcset is found',
    '<img srcset="/b.png 1x, /c.png 2x">',
    '<img src="https://blog.example/b.png" alt="" />',
  ],
  [
    'in many sizes is taken in the one that fills a mail',
    '<img data-srcset="/s.png 300w, /m.png 800w, /l.png 2000w" src="/spacer.gif">',
    '<img src="https://blog.example/m.png" alt="" />',
  ],
  [
    'with a comma in its address is found',
    '<img srcset="/w_300,h_200/a.png 300w,/w_700,h_400/a.png 700w">',
    '<img src="https://blog.example/w_700,h_400/a.png" alt="" />',
  ],
  [
    'is a JPEG before a WebP of its srcset',
    '<img src="/a.webp" srcset="/a-300.jpg 300w, /a-800.jpg 800w, /a-800.webp 900w" alt="A boat" width="800" height="400">',
    '<img src="https://blog.example/a-800.jpg" alt="A boat" width="600" height="300" />',
  ],
  [
    'is a source of its picture where its own file is an AVIF',
    '<picture><source type="image/webp" srcset="/a?1 800w"><source type="image/jpeg" data-srcset="/a?2 300w, /a?3 800w">' +
      '<img src="/a.avif" alt="A boat" width="300" height="200"></picture><img src="/b.webp" alt="b">',
    '<img src="https://blog.example/a?3" alt="A boat" width="300" height="200" /><img src="https://blog.example/b.webp" alt="b" />',
  ],
  [
    'has the size that the source of its picture has, where it has none itself',
    '<picture><source srcset="/a.png 800w" width="400" height="200"><img src="/a.webp" alt="A boat"></picture>',
    '<img src="https://blog.example/a.png" alt="A boat" width="400" height="200" />',
  ],
  [
    'of which only WebP is offered is a WebP',
    '<picture><source srcset="/a.avif"><img src="/a.webp" alt="A boat"></picture>',
    '<img src="https://blog.example/a.webp" alt="A boat" />',
  ],
  [
    'is known by what an image server is asked for',
    '<img src="/a?fm=webp&w=800" srcset="/a.webp?format=jpg 800w">',
    '<img src="https://blog.example/a.webp?format=jpg" alt="" />',
  ],
  [
    'of which a JPEG is only a preview is the whole one',
    '<img src="/tiny-a.jpg" data-src="/a.webp"><img src="/b.webp" srcset="/b-20.jpg 20w, /b-800.webp 800w">',
    '<img src="https://blog.example/a.webp" alt="" /><img src="https://blog.example/b.webp" alt="" />',
  ],
  ...[
    'data-lazy-src',
    'data-original',
    'data-echo',
    'nitro-lazy-src',
    'data-cfsrc',
    'data-actualsrc',
    'real_src',
    'data-lazy',
    'data-flickity-lazyload-src',
    'data-ezsrc',
  ].map((name): [string, string, string] => [
    `that a script loads from ${name} is found`,
    `<img src="/loading.gif" ${name}="/a.jpg" alt="A boat" width="300" height="200">`,
    '<img src="https://blog.example/a.jpg" alt="A boat" width="300" height="200" />',
  ]),
  ...['data-srcset', 'data-lazy-srcset', 'nitro-lazy-srcset', 'data-original-srcset'].map(
    (name): [string, string, string] => [
      `that a script loads from ${name} is found`,
      `<img src="data:image/gif;base64,R0" ${name}="/a-300.webp 300w, /a-800.jpg 800w" alt="A boat">`,
      '<img src="https://blog.example/a-800.jpg" alt="A boat" />',
    ],
  ),
  [
    'that a script asks for in a width is asked for in that of a mail',
    '<img data-src="//cdn.example/a_{width}x.jpg" data-widths="[180,360]" src="//cdn.example/a_20x20.jpg">',
    '<img src="https://cdn.example/a_600x.jpg" alt="" />',
  ],
  [
    'is not taken from an attribute with other words',
    '<img src="/a.jpg" data-src="true" data-image-title="b.jpg" data-lazy="lazy" data-thumb-src="/c.jpg">',
    '<img src="https://blog.example/a.jpg" alt="" />',
  ],
  [
    'that stands only in a noscript beside its placeholder is found',
    '<figure><img src="data:," class="lazy"><noscript><img src="/a.jpg" alt="A boat"></noscript></figure>' +
      '<p><noscript><img src="/b.jpg" alt="b"></noscript> <img src="/wait.gif"></p>',
    '<figure><img src="https://blog.example/a.jpg" alt="A boat" /></figure><p> <img src="https://blog.example/b.jpg" alt="b" /></p>',
  ],
  [
    'is not replaced by a counter for browsers without scripts',
    '<img src="/a.jpg"><noscript><img src="https://t.example/t.gif" width="1" height="1"></noscript>',
    '<img src="https://blog.example/a.jpg" alt="" />',
  ],
  [
    'of AMP is one',
    '<amp-img src="/a.jpg" alt="A boat" width="300" height="200"><noscript><img src="/a.jpg"></noscript></amp-img>',
    '<img src="https://blog.example/a.jpg" alt="A boat" width="300" height="200" />',
  ],
  [
    'whose style tells its width keeps it',
    '<img src="/a.png" style="max-width:100%; width: 320px">',
    '<img src="https://blog.example/a.png" alt="" width="320" />',
  ],
  [
    'wider than the mail is scaled',
    '<img src="/a.png" width="1200" height="800">',
    '<img src="https://blog.example/a.png" alt="" width="600" height="400" />',
  ],
  [
    'with sizes in per cent shows at its own size',
    '<img src="/a.png" width="100%" height="auto">',
    '<img src="https://blog.example/a.png" alt="" />',
  ],
])('a picture %s', (_, html, expected) => {
  expect(sanitiseHtml(html, PAGE)).toBe(expected);
});

test('a smiley picture becomes the character it stands for, and the words around it stay', () => {
  const html =
    '<p>Hello <img class="wp-smiley" src="https://s.w.org/1f600.png" alt="😀"> dear <b>reader</b></p>';
  expect(sanitiseHtml(html, PAGE)).toBe('<p>Hello 😀 dear <b>reader</b></p>');
});

test.each([
  [
    '<iframe src="https://www.youtube.com/embed/abc-1?rel=0">x</iframe>',
    'https://www.youtube.com/watch?v=abc-1',
    'youtube.com',
  ],
  ['<iframe src="//player.vimeo.com/video/42"></iframe>', 'https://vimeo.com/42', 'vimeo.com'],
  ['<iframe data-src="https://maps.example/m?a=1"></iframe>', 'https://maps.example/m?a=1', 'maps.example'],
  [
    '<iframe src="https://open.spotify.com/embed/e" title="A talk on &lt;tides&gt;"></iframe>',
    'https://open.spotify.com/embed/e',
    'A talk on &lt;tides&gt; (open.spotify.com)',
  ],
  ['<iframe src="https://f.example/e" title="Video player"></iframe>', 'https://f.example/e', 'f.example'],
  ['<video src="/film.mp4"><p>no video</p></video>', 'https://blog.example/film.mp4', 'blog.example'],
  ['<audio src="/talk.mp3"></audio>', 'https://blog.example/talk.mp3', 'blog.example'],
])('%s becomes a link', (html, href, words) => {
  const link = sanitiseHtml(`<p>a ${html} b</p><p>c</p>`, PAGE);
  expect(link).toBe(`<p>a <a href="${href}">${words}</a> b</p><p>c</p>`);
});

test('films between paragraphs have one each, films within words keep a space from them', () => {
  const [one, two] = [
    '<iframe src="https://f.example/1"></iframe>',
    '<iframe src="https://f.example/2"></iframe>',
  ];
  const links = [1, 2].map((n) => `<a href="https://f.example/${n}">f.example</a>`);
  const [first = '', second = ''] = links;
  expect(sanitiseHtml(`<p>a</p>${one}\n${two}<h3>b</h3>`, PAGE)).toBe(
    `<p>a</p><p>${first}</p><p>${second}</p><h3>b</h3>`,
  );
  expect(sanitiseHtml(`<p>a${one}${two}b</p>`, PAGE)).toBe(`<p>a ${first} ${second} b</p>`);
  expect(sanitiseHtml(`<p>${one}${two}</p>`, PAGE)).toBe(`<p>${first} ${second}</p>`);
  expect(sanitiseHtml(`<figure><div>${one}</div><figcaption>c</figcaption></figure>`, PAGE)).toBe(
    `<figure><div><p>${first}</p></div><figcaption>c</figcaption></figure>`,
  );
});

test.each([
  ['Jetpack', '<p>Subscribe now to keep reading and get access to the full archive.</p>'],
  [
    'Substack',
    '<p>Thanks for reading Quay Notes! Subscribe for free to receive new posts and support my work.</p>',
  ],
  [
    'Substack, to share',
    '<p class="button-wrapper"><a class="button primary" href="https://q.example/p/a?utm_source=x&amp;action=share"><span>Share</span></a></p>',
  ],
  [
    'Substack, to subscribe',
    '<p class="button-wrapper"><a class="button" href="https://q.substack.com/subscribe?">Subscribe now</a></p>',
  ],
  ['Ghost', '<div class="kg-card"><a href="https://q.example/#/portal/signup" class="kg-btn">Join</a></div>'],
])('what invites to sign up and to share goes: %s', (_, html) => {
  expect(sanitiseHtml(`<p>a</p>${html}<p>b</p>`, PAGE)).toBe('<p>a</p><p>b</p>');
});

test('an invitation within a sentence stays one', () => {
  const html = '<p>You can <a href="https://q.example/#/portal/signup">sign up</a> too.</p>';
  expect(sanitiseHtml(html, PAGE)).toBe(html);
});

test('without its pictures an article keeps no captions of them, and what else stood in a figure', () => {
  const picture = '<img src="https://b.example/a.jpg" alt="" />';
  const figure = `<figure><a href="https://b.example">${picture}</a><figcaption>By <a href="https://u.example">u</a></figcaption></figure>`;
  expect(removeImages(`<p>a</p>${figure}<p>b ${picture}</p>`)).toBe('<p>a</p><p>b </p>');
  const table = '<figure><table><tr><td>1</td></tr></table><figcaption>Tides</figcaption></figure>';
  expect(removeImages(`${table}<figure>${picture}<pre>x</pre></figure>`)).toBe(
    `${table}<figure><pre>x</pre></figure>`,
  );
});

test('a gallery of nothing but pictures goes with its captions, one that holds more stays', () => {
  const picture = '<figure><img src="https://b.example/a.jpg" alt="" /><figcaption>A</figcaption></figure>';
  const gallery = `<figure>${picture}${picture}<figcaption>At the quay</figcaption></figure>`;
  expect(removeImages(`<p>a</p>${gallery}<p>b</p>`)).toBe('<p>a</p><p>b</p>');
  expect(removeImages(`<figure>${picture}<p>c</p><figcaption>d</figcaption></figure>`)).toBe(
    '<figure><p>c</p><figcaption>d</figcaption></figure>',
  );
});

test('a recording on a card of Ghost keeps its link and its title, without the buttons of its player', () => {
  const card =
    '<div class="kg-card kg-audio-card"><div class="kg-audio-thumbnail placeholder">♪</div><div class="kg-audio-player-container">' +
    '<audio src="https://b.example/a.mp3"></audio><div class="kg-audio-title">Tide</div><div class="kg-audio-player">0:00</div></div></div>';
  expect(sanitiseHtml(card, PAGE)).toBe(
    '<div><div><p><a href="https://b.example/a.mp3">b.example</a></p><div>Tide</div></div></div>',
  );
});

test('code runs from left to right, in whatever language it is told of', () => {
  expect(
    sanitiseHtml('<p dir="rtl">ق <code dir="rtl">a</code> <kbd>b</kbd></p><pre class="x">c</pre>', PAGE),
  ).toBe('<p dir="rtl">ق <code dir="ltr">a</code> <kbd dir="ltr">b</kbd></p><pre dir="ltr">c</pre>');
});

test('a film without an address of its own leaves the link that stands in for it', () => {
  const html =
    '<audio class="wp-audio-shortcode" controls><source src="/a.mp3"><a href="/a.mp3">Listen</a></audio>';
  expect(sanitiseHtml(`<p>a</p>${html}`, PAGE)).toBe(
    '<p>a</p><div><a href="https://blog.example/a.mp3">Listen</a></div>',
  );
});

test('other forms lose their fields and keep their words, and links to people stay', () => {
  const html =
    '<form action="/search"><p>Words</p><input name="q"></form><p><a href="https://twitter.com/someone">she</a></p>';
  expect(sanitiseHtml(html, PAGE)).toBe(
    '<div><p>Words</p></div><p><a href="https://twitter.com/someone">she</a></p>',
  );
});

test('a frame that is no web page is dropped', () => {
  expect(sanitiseHtml('<p>a<iframe src="javascript:alert(1)">x</iframe>b</p>', PAGE)).toBe('<p>ab</p>');
});

test.each([
  ['<h1>a</h1><h2>b</h2><h3>c</h3>', '<h3>a</h3><h4>b</h4><h5>c</h5>'],
  ['<h2>a</h2><h4>b</h4><h6>c</h6>', '<h3>a</h3><h5>b</h5><h6>c</h6>'],
  ['<h3>a</h3><h4>b</h4>', '<h3>a</h3><h4>b</h4>'],
  ['<h4>a</h4>', '<h4>a</h4>'],
])('headings move below the title of the mail and keep their steps: %s', (html, expected) => {
  expect(sanitiseHtml(html, PAGE)).toBe(expected);
});

test('words that only look like headings are left alone', () => {
  expect(sanitiseHtml('<h2>a</h2><p>&lt;h1&gt; is a tag</p>', PAGE)).toBe(
    '<h3>a</h3><p>&lt;h1&gt; is a tag</p>',
  );
});

test.each([
  '<div class="sharedaddy sd-sharing-enabled"><h3>Share this:</h3><ul><li><a href="https://x.example">X</a></li></ul></div>',
  '<div class="wp-block-jetpack-subscriptions">Subscribe</div>',
  '<a class="headerlink" href="#a">¶</a>',
  '<div hidden>hidden</div>',
  '<div id="jp-post-flair"><div class="sd-block">Share</div></div>',
  '<div class="wp-block-jetpack-subscriptions__container"><h2>Discover more</h2><form><p>Type your email</p></form></div>',
  '<h3>Discover more from The Lantern</h3><p>Subscribe to get the latest posts sent to your email.</p>',
  '<h3>Share this:</h3><ul><li><a href="https://blog.example/post?share=facebook">Facebook</a></li><li><a href="https://twitter.com/intent/tweet?u=1">Tweet</a></li></ul>',
  '<h4>Like this:</h4><div class="sd-like jetpack-likes-widget-wrapper">Like Loading...</div>',
  '<p class="button-wrapper" data-component-name="ButtonCreateButton" data-attrs="{&quot;url&quot;:&quot;https://a.substack.com/subscribe?&quot;}"><a href="https://a.substack.com/subscribe?">Subscribe now</a></p>',
  '<div class="subscription-widget-wrap-editor" data-component-name="SubscribeWidgetToDOM"><p>Thanks for reading! Subscribe for free.</p></div>',
  '<div class="a2a_kit addtoany_list"><a href="https://www.addtoany.com/share">Share</a></div>',
  '<div class="kg-card kg-signup-card"><h2>Sign up</h2><p>No spam.</p></div>',
  '<div id="mc_embed_signup"><p>Subscribe</p></div>',
  '<div class="kg-audio-player"><span class="kg-audio-current-time">0:00</span></div>',
  '<div class="kg-video-overlay">Play</div><div class="kg-video-player-container kg-video-hide">0:00</div>',
  '<span class="field field--name-title">A title</span><span class="field--name-uid">admin</span>',
  '<section class="field--name-comment"><h2>Add new comment</h2><form class="comment-form"></form></section>',
  '<form class="formkit-form" action="https://app.kit.com/forms/1/subscriptions"><p>Join us</p></form>',
  '<form action="https://a.us1.list-manage.com/subscribe/post"><p>Join us</p></form>',
  '<hr><p><a href="https://medium.com/p/1">A title</a> was originally published in <a href="https://medium.com/b">A blog</a> on Medium, where people are continuing the conversation by highlighting and responding to this story.</p>',
  '<p style="display:none">hidden</p>',
  '<p>The post <a href="https://b.example/p">A title</a> appeared first on <a href="https://b.example/">A blog</a>.</p>',
])('what the publishing software adds around an article is stripped: %s', (html) => {
  expect(sanitiseHtml(`<p>one</p>${html}<p>two</p>`, PAGE)).toBe('<p>one</p><p>two</p>');
});

test('after something dropped or unwrapped, its neighbours still close where they should', () => {
  const html = '<a>x</a><a href="/1">one</a><p hidden>gone</p><p>two</p><img src="data:,"><b>three</b> four';
  expect(sanitiseHtml(html, PAGE)).toBe(
    'x<a href="https://blog.example/1">one</a><p>two</p><b>three</b> four',
  );
});

test('tables, lists, code, quotes and captions stay', () => {
  const html =
    '<table><caption>c</caption><tbody><tr><th colspan="2">a</th><td>b</td></tr></tbody></table>' +
    '<ol start="3"><li>a</li></ol><pre dir="ltr"><code dir="ltr">x &lt; y\n  z</code></pre><blockquote><p>q</p></blockquote>' +
    '<figure><img src="https://a.example/a.png" alt="a" /><figcaption>f</figcaption></figure><p dir="rtl" lang="ar">ق</p>';
  expect(sanitiseHtml(html, PAGE)).toBe(html);
});

test('an article on https links to plain http pages, but never loads anything from them', () => {
  const html =
    '<a href="http://old.example/"><img src="http://old.example/a.png" alt="a"></a> <a href="http://old.example/">b</a>';
  expect(sanitiseHtml(html, PAGE)).toBe(
    '<a href="http://old.example/">a</a> <a href="http://old.example/">b</a>',
  );
  const alone = '<p>x</p><img src="http://old.example/b.png" alt="A &amp; boat"><p>y</p>';
  expect(sanitiseHtml(alone, PAGE)).toBe(
    '<p>x</p><p><a href="http://old.example/b.png">A &amp; boat</a></p><p>y</p>',
  );
});

test.each([
  ['never closed', '<b>'.repeat(130_000)],
  ['closed wrongly', '<b>'.repeat(60_000) + '</i>'.repeat(60_000)],
  ['closed wrongly one by one', '<b></i>'.repeat(60_000)],
  ['nested tables', '<table><tr><td>'.repeat(30_000)],
  ['classes', `<p class="${'sd-'.repeat(100_000)}">`],
  ['share links', '<p><a href="https://x.com/intent/">a</a>'.repeat(8000)],
  ['footers that never come', '<p>The post <a href="/x">'.repeat(15_000)],
  ['pictures in many sizes', `<img srcset="${'/a.png 1w, '.repeat(30_000)}">`],
  ['lone brackets', '<'.repeat(400_000)],
  ['open comments', '<!--'.repeat(100_000)],
  ['attributes', `<p ${Array.from({ length: 60_000 }, (_, i) => `a${i}`).join(' ')}>`],
])('hostile HTML costs seconds at most: %s', (_, html) => {
  const started = Date.now();
  sanitiseHtml(`<p>words</p>${html}`, PAGE);
  expect(Date.now() - started).toBeLessThan(5000);
});

// prettier-ignore
const PIECES = [
  '<p>', '</p>', '<div>', '</div>', '<b>', '</b>', '<a href="/x">', '</a>', '<h1>', '</h1>', '<h5>', '<ul>', '<li>',
  '</ul>', '<table>', '<tr>', '<td>', '</table>', '<br>', '<img src="/a.png" alt="&lt;">', '<img class="emoji" alt="x">',
  '<iframe src="/f">', '</iframe>', '<script>', '</script>', '<style>', '<!--', '-->', '<svg>', '</svg>', '<form>',
  '<textarea>', '</textarea>', '<section>', '</section>', '<p class="sharedaddy">', '<a href="javascript:x">', '<pre>',
  '&lt;', '&amp;lt;', '&#0;', '&', '<', '>', '"', "'", '\u0092', '\ud800', '<![CDATA[', ']]>', '<a ', 'href=//x.y ', ' ',
];
const piece = fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 6 }));
const markup = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

test('sanitised HTML is a fixed point, whatever went in', () => {
  fc.assert(
    fc.property(markup, (html) => {
      const once = sanitiseHtml(html, PAGE);
      expect(sanitiseHtml(once, PAGE)).toBe(once);
      expect(sanitiseHtml(once, undefined)).toBe(once);
    }),
    { numRuns: 500 },
  );
});

test('nothing that runs, loads insecurely or leaves the page open survives', () => {
  fc.assert(
    fc.property(markup, (html) => {
      const clean = sanitiseHtml(html, PAGE);
      expect(clean).not.toMatch(/<(?:script|style|iframe|form|input|svg|textarea|object|h[12])\b/i);
      expect(clean).not.toMatch(/<[^>]*\s(?:on\w+|style|class|id|srcset)\s*=/i);
      expect(clean).not.toMatch(/(?:href|src)="(?!https?:|mailto:)/i);
      expect(clean).not.toMatch(/src="(?!https:)/i);
      expect(clean).not.toMatch(/(?![\t\n])\p{Cc}|\p{Surrogate}/u);
    }),
    { numRuns: 500 },
  );
});
