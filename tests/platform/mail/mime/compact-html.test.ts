import { expect, test } from '@jest/globals';
import { compactHtml } from '../../../../src/platform/mail/mime/compact-html.js';

test.each([
  [
    'blanks at the edges of blocks go',
    '<div>\n  <p> One </p>\n\n<h2>Two</h2>\n</div>\n',
    '<div><p>One</p><h2>Two</h2></div>',
  ],
  ['a run of blanks is one', '<p>One\n  two\t three</p>', '<p>One two three</p>'],
  [
    'a blank between words stays, wherever the tags are',
    '<p><b>One </b><i>two</i> three</p>',
    '<p><b>One </b><i>two</i> three</p>',
  ],
  ['a no-break space is no blank', '<p>\u00A0 One\u00A0\u00A0two</p>', '<p>\u00A0 One\u00A0\u00A0two</p>'],
  ['quotes go around one plain word', '<p class="item" dir=\'ltr\'>x</p>', '<p class=item dir=ltr>x</p>'],
  [
    'quotes stay around addresses, several words, and before another attribute',
    '<a href="https://a.example/" title="a b" lang="en"class="x" style="color:red">x</a>',
    '<a href="https://a.example/" title="a b" lang="en"class=x style="color:red">x</a>',
  ],
  ['quotes stay around nothing', '<img alt="" width="160">', '<img alt="" width=160>'],
  [
    'what looks like an attribute in another is none',
    '<img alt=\'a class="b" c\'>',
    '<img alt=\'a class="b" c\'>',
  ],
  ['tags may have line ends', '<p\n  class="a"\n>x</p>', '<p class=a >x</p>'],
  [
    'code keeps its blanks',
    '<p>a</p>\n<pre>\n  a  b\n</pre>\n<p>b</p>',
    '<p>a</p><pre>\n  a  b\n</pre><p>b</p>',
  ],
  [
    'comments stay as they are',
    '<!--[if mso]> <table role="x"> <![endif]-->',
    '<!--[if mso]> <table role="x"> <![endif]-->',
  ],
])('%s', (_what, html, compact) => {
  expect(compactHtml(html)).toBe(compact);
  expect(compactHtml(compact)).toBe(compact);
});

test.each([
  ['blanks that a style makes visible', '<div style="white-space:pre"> <p class="a">x</p> </div>'],
  [
    'blocks in a line',
    '<div style="display: inline-block">a</div> <div style="display:inline-block">b</div>',
  ],
  [
    'blocks in a line by a style sheet',
    '<style>div{display:inline}</style> <div class="a">a</div> <div>b</div>',
  ],
  ['a quote that is not closed', '<p class="a> x </p> <p>y</p>'],
  ['a tag that is not closed', '<p> x <b class="c" '],
  ['an element that only browsers read', '<svg class="a"> <text> x </text> </svg>'],
  ['code without an end', '<pre class="a"> x'],
])('nothing is touched with %s', (_what, html) => {
  expect(compactHtml(html)).toBe(html);
});
