import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderEditorNote } from '../../../src/digests/compose/editor-note.js';

test('a note is Markdown: emphasis, links, lists, and line breaks as they were typed', () => {
  const { html, text } = renderEditorNote(
    'Two lines\nof a **note**.\n\n[The plan](https://lantern.example/a?b=1&c=2)\n\n- one\n- two',
  );
  expect(html).toContain('Two lines<br />of a <strong>note</strong>.');
  expect(html).toContain('<a href="https://lantern.example/a?b=1&amp;c=2">The plan</a>');
  expect(html).toContain('<li>one</li>');
  expect(text).toContain('Two lines\nof a note.');
  expect(text).toContain('The plan <https://lantern.example/a?b=1&c=2>');
  expect(text).toContain('- one');
});

test('headings rank below those of articles, and a bare address becomes a link', () => {
  const { html } = renderEditorNote('# Loud\n\nSee https://lantern.example/help.');
  expect(html).toContain('<h3>Loud</h3>');
  expect(html).toContain('<a href="https://lantern.example/help">https://lantern.example/help</a>.');
});

test('HTML in it is shown as text: nothing of it is lost, and nothing of it runs, submits, frames or tracks', () => {
  const { html, text } = renderEditorNote(
    'The door is <round> the corner. <script>alert(1)</script>\n\n<form action="//x"><input></form>\n\n' +
      '[a](javascript:alert(1)) ![b](http://plain.example/b.png) <img src=x onerror=alert(1)>',
  );
  expect(html).not.toMatch(/<script|<form|<input|<iframe|<img|href="javascript/i);
  expect(text).toContain('The door is <round> the corner. <script>alert(1)</script>');
  expect(text).toContain('<img src=x onerror=alert(1)>');
});

test('no text makes it throw or lets a tag through that mail must not have', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (words) => {
      expect(renderEditorNote(words).html).not.toMatch(/<(?:script|style|form|object|embed|svg)/i);
    }),
  );
});
