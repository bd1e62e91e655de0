import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Browser } from 'playwright-core';
import { openBrowser, openBrowserWindow, type BrowserWindow } from '../../../support/browser.js';
import { describeInChromium } from '../../../support/chromium-tests.js';
import { compactHtml } from '../../../../src/platform/mail/mime/compact-html.js';
import { writeSevenBitHtml } from '../../../../src/platform/mail/mime/seven-bit-html.js';

const words = fc
  .array(
    fc.constantFrom(
      ...[
        'a',
        'harbour',
        ' ',
        '  ',
        '\n',
        '\t',
        '\n  ',
        '.',
        ' .',
        '&lt;p class="x"&gt;',
        '&amp;',
        '"',
        "'",
        '=',
      ],
      ...['é', '–', '港', '👋', 'م', '\u00A0', '\u2068', 'From ', 'word '.repeat(250), '&#32;', '&nbsp;'],
    ),
    { maxLength: 8 },
  )
  .map((some) => some.join(''));

const attributes = fc
  .array(
    fc.constantFrom(
      ...[
        ' class="a"',
        " class='b'",
        ' class="a b"',
        ' title="é – \n  x"',
        ' title=\'say "a" &gt; b\'',
        ' lang="en"',
      ],
      ...[
        ' dir="rtl"',
        ' style="margin:0 0 8px;color:#123456"',
        ' title=""',
        '\n  id="i-1"',
        ' data-x="a>b"',
        ' width="100%"',
      ],
    ),
    { maxLength: 2 },
  )
  .map((some) => [...new Map(some.map((one) => [one.trim().split('=')[0], one])).values()].join(''));

/** Elements as a mail has them: only what may stand in each other. */
const { blocks } = fc.letrec<{ inline: string; blocks: string }>((tie) => ({
  inline: fc.oneof(
    { maxDepth: 3 },
    words,
    fc.constantFrom('<br>', '<img alt="a  b" width="1">', '<!-- x -->', '<br />'),
    element(['b', 'i', 'span', 'code', 'bdi'], tie('inline')),
  ),
  blocks: fc.oneof(
    { maxDepth: 4 },
    element(
      ['p', 'h2', 'pre', 'td', 'textarea'].filter((name) => name !== 'td'),
      tie('inline'),
    ),
    words,
    element(['div', 'blockquote'], tie('blocks')),
    element(['ul'], element(['li'], tie('inline'))),
    fc.constantFrom(
      '<hr>',
      '<!--[if mso]><table width="600"><![endif]-->',
      '\n',
      '<table><tr>\n<td> x </td> </tr></table>',
    ),
  ),
}));

function element(names: string[], content: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const inside = fc.array(content, { maxLength: 4 }).map((some) => some.join(''));
  return fc
    .tuple(fc.constantFrom(...names), attributes, inside)
    .map(([name, own, children]) => `<${name}${own}>${children}</${name}>`);
}

const pages = fc
  .array(blocks, { minLength: 1, maxLength: 6 })
  .map(
    (some) =>
      `<!DOCTYPE html><html lang="en"><head>\n<title> é  x </title>\n</head>\n<body>\n${some.join('')}</body></html>`,
  );

describeInChromium('in Chromium', () => {
  let browser: Browser;
  let window: BrowserWindow;

  beforeAll(async () => {
    browser = await openBrowser();
    window = await openBrowserWindow(browser, { width: 600 });
  });

  afterAll(() => browser.close());

  test('a page has the same elements and shows the same words when it is compact, and when it is in ASCII', async () => {
    let written = 0;
    await fc.assert(
      fc.asyncProperty(pages, async (html) => {
        const compact = compactHtml(html);
        const plain = writeSevenBitHtml(compact);
        const before = await describePage(html);
        expect(await describePage(compact)).toEqual(before);
        if (plain === undefined) return;
        written += 1;
        expect(await describePage(plain)).toEqual(before);
      }),
      { numRuns: 150 },
    );
    expect(written).toBeGreaterThan(75);
  }, 60_000);

  async function describePage(html: string): Promise<unknown> {
    await window.page.setContent(html);
    return window.page.evaluate(DESCRIBE);
  }
});

/** Each element with its attributes, and the words as they are laid out. */
const DESCRIBE = `({
  title: document.title,
  elements: [...document.body.querySelectorAll('*')].map((one) => [one.tagName, ...[...one.attributes].map(({ name, value }) => name + '=' + value)]),
  words: document.body.innerText,
  fields: [...document.querySelectorAll('textarea')].map(({ value }) => value),
  height: document.body.scrollHeight,
})`;
