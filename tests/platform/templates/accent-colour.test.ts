import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { accentFor, contrastRatio } from '../../../src/platform/templates/accent-colour.js';

const colours = fc.integer({ min: 0, max: 0xffffff }).map((bits) => `#${bits.toString(16).padStart(6, '0')}`);

describe('a publication’s colour', () => {
  test('stays what it is where it can be read', () => {
    expect(accentFor('#1d4ed8').light).toBe('#1d4ed8');
    expect(accentFor('#7dd3fc').dark).toBe('#7dd3fc');
  });

  test('is darkened on light paper and lightened on dark, by no more than needed', () => {
    const { light } = accentFor('#7dd3fc');
    expect(contrastRatio(light, '#fbfaf7')).toBeLessThan(4.8);
    const { dark } = accentFor('#1e3a8a');
    expect(contrastRatio(dark, '#171614')).toBeLessThan(4.8);
  });

  test('can always be read: as words on paper, and behind the words of a button', () => {
    fc.assert(
      fc.property(colours, (colour) => {
        const { light, dark } = accentFor(colour);
        for (const words of ['#fbfaf7', '#ffffff'])
          expect(contrastRatio(light, words)).toBeGreaterThanOrEqual(4.5);
        expect(contrastRatio(dark, '#171614')).toBeGreaterThanOrEqual(4.5);
        for (const shade of [light, dark]) expect(shade).toMatch(/^#[0-9a-f]{6}$/);
      }),
    );
  });

  test('is the default where a publication has none, and can be read too', () => {
    const { light, dark } = accentFor(null);
    expect(contrastRatio(light, '#fbfaf7')).toBeGreaterThan(4.5);
    expect(contrastRatio(dark, '#171614')).toBeGreaterThan(4.5);
  });
});

test('contrast is computed as in WCAG 2.2: black on white is 21, a colour on itself 1', () => {
  expect(contrastRatio('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrastRatio('#777777', '#ffffff')).toBeCloseTo(4.478, 2);
  expect(contrastRatio('#9a3412', '#9a3412')).toBe(1);
});
