import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { UserFacingError } from '../../../src/platform/user-facing-error.js';
import { createTemplates } from '../../../src/platform/templates/templates.js';
import { lantern, templates } from '../../mails/digest-cases.js';

const data = {
  publication: lantern,
  email: 'r@example.com',
  unsubscribeUrl: 'https://mail.lantern.example/unsubscribe/token',
  manageUrl: 'https://mail.lantern.example/manage/token',
  since: new Date('2026-09-22T11:02:00Z'),
  zone: 'UTC',
  rhythm: 'daily, about 07:00',
};
const builtIn = templates.email('already-subscribed', 'en', data);
const file = 'harbour-lantern/emails/already-subscribed/html.liquid';

describe('a publication’s custom templates', () => {
  test('replace the built-in ones, file by file, for this publication only', () => {
    const source = '<p class="text">Ours now: {{ email }} <a href="{{ unsubscribeUrl }}">leave</a></p>';
    const { email, failures } = withCustom({ [file]: source });
    const mail = email('already-subscribed', 'en', data);
    expect(mail.html).toMatch(/<p style="[^"]+">Ours now: r@example\.com/);
    expect(mail.text).toBe(builtIn.text);
    const other = { ...data, publication: { ...lantern, slug: 'tide-table' } };
    expect(email('already-subscribed', 'en', other)).toEqual(builtIn);
    expect(email('welcome', 'en', { ...data, nextDigest: 'soon', articles: [] }).subject).toContain(
      "You're subscribed",
    );
    expect(failures).toEqual([]);
  });

  test('may use partials and a style sheet of their own, with the publication’s colour', () => {
    const { email } = withCustom({
      [file]: "{% render 'emails/partials/custom' %}<a class='leave' href='{{ unsubscribeUrl }}'>leave</a>",
      'harbour-lantern/emails/partials/custom.liquid': '<b>{{ locale }}</b>',
      'harbour-lantern/emails/mail.css': '.leave { color: var(--accent); }',
    });
    const mail = email('already-subscribed', 'en', {
      ...data,
      publication: { ...lantern, accent: '#1d4ed8' },
    });
    expect(mail.html).toContain('<b>en</b>');
    expect(mail.html).toContain('color:#1d4ed8');
  });

  test.each([
    ['fails', '{{ nothing.of.the.kind }}', /undefined variable/],
    ['has no unsubscribe link', '<p>Hello</p>', /unsubscribe link is not in both parts/],
  ])('fall back to the built-in ones when one %s, and the failure is reported', (_what, source, reason) => {
    const { email, failures } = withCustom({ [file]: source });
    expect(email('already-subscribed', 'en', data)).toEqual(builtIn);
    expect(failures).toEqual([['harbour-lantern', 'already-subscribed', expect.stringMatching(reason)]]);
  });

  test.each([
    ['does not parse', file, '{% if %}', /already-subscribed.html\.liquid is no template that can be used/],
    ['has an unknown name', 'x/emails/digset/html.liquid', 'Hi', /digset.html\.liquid stands for none/],
    ['is a page', 'x/pages/confirm.liquid', 'Hi', /confirm\.liquid stands for none/],
  ])('stop the start when one %s, in a sentence that names it', (_what, path, source, words) => {
    const start = () => withCustom({ [path]: source });
    expect(start).toThrow(UserFacingError);
    expect(start).toThrow(words);
  });

  test('do not affect publications without them', () => {
    const custom = { dir: join(tmpdir(), 'there-is-no-such-folder'), onFailure: () => {} };
    const { email } = createTemplates({ dir: 'templates', custom });
    expect(email('already-subscribed', 'en', data)).toEqual(builtIn);
  });
});

function withCustom(files: Record<string, string>) {
  const dir = mkdtempSync(join(tmpdir(), 'own-templates-'));
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), source);
  }
  const failures: unknown[] = [];
  const onFailure = (slug: string, mail: string, error: unknown) =>
    void failures.push([slug, mail, String(error)]);
  return { ...createTemplates({ dir: 'templates', custom: { dir, onFailure } }), failures };
}
