import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { accentOf, contrast } from '../../src/platform/accent.js';

const colours = fc.integer({ min: 0, max: 0xffffff }).map((bits) => `#${bits.toString(16).padStart(6, '0')}`);

describe('a publication’s colour', () => {
  test('stays what it is where it can be read', () => {
    expect(accentOf('#1d4ed8').light).toBe('#1d4ed8');
    expect(accentOf('#7dd3fc').dark).toBe('#7dd3fc');
  });

  test('is darkened on light paper and lightened on dark, by no more than needed', () => {
    const { light } = accentOf('#7dd3fc');
    expect(contrast(light, '#fbfaf7')).toBeLessThan(4.8);
    const { dark } = accentOf('#1e3a8a');
    expect(contrast(dark, '#171614')).toBeLessThan(4.8);
  });

  test('can always be read: as words on paper, and behind the words of a button', () => {
    fc.assert(
      fc.property(colours, (colour) => {
        const { light, dark } = accentOf(colour);
        for (const words of ['#fbfaf7', '#ffffff'])
          expect(contrast(light, words)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(dark, '#171614')).toBeGreaterThanOrEqual(4.5);
        for (const shade of [light, dark]) expect(shade).toMatch(/^#[0-9a-f]{6}$/);
      }),
    );
  });

  test('is ours where a publication has none, and can be read too', () => {
    const { light, dark } = accentOf(null);
    expect(contrast(light, '#fbfaf7')).toBeGreaterThan(4.5);
    expect(contrast(dark, '#171614')).toBeGreaterThan(4.5);
  });
});

test('contrast is that of WCAG: black on white is 21, a colour on itself 1', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.478, 2);
  expect(contrast('#9a3412', '#9a3412')).toBe(1);
});
