import { expect, test } from '@jest/globals';
import { sanitiseHtml } from '../../../src/articles/clean/sanitise.js';

const math = (inside: string, attributes = '') => `<p>So <math${attributes}>${inside}</math>.</p>`;

test.each([
  ['<mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup>', 'E=mc^2'],
  ['<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac>', '(a+b)/2'],
  ['<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>', '√(x+1)'],
  ['<mroot><mi>x</mi><mn>3</mn></mroot>', 'x^(1/3)'],
  ['<msubsup><mo>∑</mo><mn>0</mn><mi>n</mi></msubsup><msub><mi>a</mi><mi>i</mi></msub>', '∑_0^na_i'],
  [
    '<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr><mtr><mtd><mn>2</mn></mtd></mtr></mtable>',
    '1 0; 2',
  ],
  ['<mi>f</mi><mo>&#x2061;</mo><mi>x</mi><mo>&lt;</mo><mn>1</mn>', 'fx&lt;1'],
  ['<mml:mi>x</mml:mi>', 'x'],
  ['<mi>x', 'x'],
])('%s is spelled', (inside, spelled) => {
  expect(sanitiseHtml(math(inside), undefined)).toBe(`<p>So ${spelled}.</p>`);
});

test('the TeX that comes with a formula is its spelling', () => {
  const semantics =
    '<semantics><mi>x</mi><annotation encoding="application/x-tex">x_1 &lt; 2</annotation></semantics>';
  expect(sanitiseHtml(math(semantics), undefined)).toBe('<p>So x_1 &lt; 2.</p>');
  expect(sanitiseHtml(math('<mi>x</mi>', ' alttext="{\\displaystyle x^{2}}"'), undefined)).toBe(
    '<p>So x^{2}.</p>',
  );
  expect(sanitiseHtml('<p>So <script type="math/tex">x^2</script>.</p>', undefined)).toBe('<p>So x^2.</p>');
});

test('a formula that stands there twice is spelled once', () => {
  const katex =
    '<p><span class="katex"><span class="katex-mathml"><math><mi>x</mi></math></span><span class="katex-html" aria-hidden="true">x</span></span></p>';
  expect(sanitiseHtml(katex, undefined)).toBe('<p>x</p>');
  const wikipedia =
    '<p><span style="display: none;"><math alttext="x"><mi>x</mi></math></span><img src="https://w.example/x.png" alt="x"></p>';
  expect(sanitiseHtml(wikipedia, undefined)).toBe('<p><img src="https://w.example/x.png" alt="x" /></p>');
});

test('a formula runs no code and hides no words behind it', () => {
  const html =
    '<p>a</p><math alttext="<img src=x onerror=alert(1)>"><mtext><script>alert(1)</script></mtext></math><p>b</p>';
  expect(sanitiseHtml(html, undefined)).not.toMatch(/<img|<script/);
  expect(sanitiseHtml(html, undefined)).toContain('<p>b</p>');
  expect(sanitiseHtml('<p>a <math>b</p><p>c</p>', undefined)).toBe('<p>a b</p><p>c</p>');
});
