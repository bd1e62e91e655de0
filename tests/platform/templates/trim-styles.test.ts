import { expect, test } from '@jest/globals';
import { removeInlinedClasses, trimStyleSheet } from '../../../src/platform/templates/trim-styles.js';

const page =
  '<body class="a b"><p class="note">x</p><pre>&lt;i class="c"&gt;</pre><!--[if mso]><table><![endif]--></body>';

test.each([
  ['a class and an element that are there', 'body,.a,.a .note,p.b{x:1}', 'body,.a,.a .note,p.b{x:1}'],
  ['one of two selectors', '.a,.c{x:1}', '.a{x:1}'],
  ['nothing of a rule for what is only in words', '.c,i{x:1}.b{x:2}', '.b{x:2}'],
  [
    'a rule in an at-rule, and not the at-rule when it is empty',
    '@media (a:b){.a{x:1}.c{x:2}}@media (c:d){.c{x:3}}',
    '@media (a:b){.a{x:1}}',
  ],
  [
    'what a program adds, an attribute or a state',
    '[data-ogsc] .a,p:hover,#id p{x:1}',
    '[data-ogsc] .a,p:hover,#id p{x:1}',
  ],
  ['a table that only Outlook has', 'table{x:1}', 'table{x:1}'],
  ['a font', '@font-face{x:1}', '@font-face{x:1}'],
])('of a style sheet stays %s', (_what, css, left) => {
  expect(trimStyleSheet(css, page)).toBe(left);
});

test('a class goes when it is written onto its element and nothing else needs it', () => {
  const kept = '@media (a:b){.note{x:1}}';
  expect(removeInlinedClasses(page, { inlined: '.a{x:1}.note{x:2}.c{x:3}', kept })).toBe(
    page.replace('class="a b"', 'class="b"'),
  );
  expect(removeInlinedClasses(page, { inlined: '.a,.b{x:1}.note{x:2}', kept: '' })).toBe(
    page.replace(' class="a b"', '').replace(' class="note"', ''),
  );
});
