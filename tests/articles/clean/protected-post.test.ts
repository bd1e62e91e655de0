import { describe, expect, test } from '@jest/globals';
import { looksProtected } from '../../../src/articles/clean/protected-post.js';
import { sanitiseHtml } from '../../../src/articles/clean/sanitise.js';

const TEXT = '<p>The boat sails at nine.</p>';
const FORM =
  '<form action="https://paper.example/wp-login.php?action=postpass" class="post-password-form" method="post">' +
  '<p>Dieser Inhalt ist passwortgeschützt.</p><p><label>Passwort: <input name="post_password" type="password"></label></p></form>';

describe('a title looks protected or private in the languages of WordPress', () => {
  test.each([
    'Protected: Budget',
    'Private: Budget',
    'Geschützt: Haushalt',
    'Privat: Haushalt',
    'Protégé\u00a0: Budget',
    'Privé : Budget',
    'Protegido: Presupuesto',
    'Beveiligd: Begroting',
    'Privé: Begroting',
    'محمي: الميزانية',
    'خصوصی: بودجه',
    'מוגן: תקציב',
    '保護中: 予算',
    '密码保护：预算',
    '私密：预算',
    '受保護的內容: 預算',
    '보호된 글: 예산',
    '비공개: 예산',
    'Защищено: Бюджет',
    'Zabezpieczone: Budżet',
    'Korumalı: Bütçe',
    'Bảo vệ: Ngân sách',
    'संरक्षित: बजट',
    'Kingwa:Bajeti',
  ])('%j', (title) => {
    expect(looksProtected({ title, summary: '', html: TEXT })).toBe(true);
  });

  test.each([
    'Protected',
    'Protected areas: a map',
    'privat: ganz ohne',
    'The Private: a review',
    'Unprotected: a play',
  ])('but not %j', (title) => {
    expect(looksProtected({ title, summary: 'A summary.', html: TEXT })).toBe(false);
  });
});

test('a post looks protected by the form for its password in any language, and the form is no text of it', () => {
  expect(looksProtected({ title: 'Haushalt', summary: '', html: FORM })).toBe(true);
  expect(sanitiseHtml(FORM, undefined)).toBe('');
  const code = '<p>Write <code>&lt;form action="/wp-login.php?action=postpass"&gt;</code>.</p>';
  expect(looksProtected({ title: 'How WordPress asks', summary: '', html: code })).toBe(false);
});

test.each([
  'There is no excerpt because this is a protected post.',
  'Es gibt keine Kurzfassung, da dies ein geschützter Beitrag ist.',
  'Il n’y pas d’extrait, car cet article est protégé.',
  'この投稿はパスワードで保護されているため抜粋文はありません。',
  'Hakuna zaidi kwasababu hili ni chapisho limelindwa.',
])('a post looks protected by what stands in place of an excerpt: %s', (sentence) => {
  expect(looksProtected({ title: 'A title', summary: sentence, html: '' })).toBe(true);
  expect(looksProtected({ title: 'A title', summary: '', html: `<p>${sentence}</p>\n` })).toBe(true);
  expect(looksProtected({ title: 'A title', summary: `${sentence} So it said.`, html: '' })).toBe(false);
});
