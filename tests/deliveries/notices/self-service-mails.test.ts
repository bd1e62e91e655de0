import { describe, expect, test } from '@jest/globals';
import { publication, templates } from '../../platform/templates/page-fixtures.js';

const at = new Date('2026-09-22T11:02:00Z');
const url = `https://mail.example/manage/${'t'.repeat(82)}/address/confirm`;
const unsubscribeUrl = 'https://mail.example/unsubscribe/tok';
const data = {
  publication,
  email: 'reader@example.com',
  other: 'o•••••@example.org',
  zone: 'Africa/Nairobi',
  requestedAt: at,
  expiresAt: at,
  merged: false,
  url,
  unsubscribeUrl,
};
const withButton = ['manage-link', 'repair', 'address-confirm', 'address-asked', 'address-moved'];

describe.each(['en', 'sw', 'ar'])('in "%s"', (locale) => {
  test.each([...withButton, 'address-returned'])('the mail "%s" says the same in both parts', (kind) => {
    const mail = templates.email(kind, locale, data);
    expect(mail.subject).toContain(publication.name);
    expect(mail.subject).not.toContain('reader@');
    expect(mail.html).toContain(`lang="${locale}"`);
    expect(mail.html.match(/<h1/g)).toHaveLength(1);
    expect(mail.html).not.toContain('<img');
    for (const part of [mail.html, mail.text]) {
      expect(part).toContain('reader@example.com');
      expect(part.includes(url)).toBe(withButton.includes(kind));
      expect(part).toContain(publication.postalAddress);
      expect(part.replace(/<style>[^<]*/, '')).not.toMatch(/\{\{|\}\}|Mail\.\w+/);
    }
    expect(mail.text).not.toMatch(/<\w/);
  });

  test('who moved to the address of another reader is told what became of both subscriptions', () => {
    const [moved, merged] = [false, true].map((one) =>
      templates.email('address-moved', locale, { ...data, merged: one }),
    );
    expect(merged?.text).not.toBe(moved?.text);
  });

  test('the mail with her link also has a way to unsubscribe', () => {
    const mail = templates.email('manage-link', locale, data);
    for (const part of [mail.html, mail.text]) expect(part).toContain(unsubscribeUrl);
  });
});
