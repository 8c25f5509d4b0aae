import { METRICS } from '@greencity/air/metric';
import { describe, expect, it } from 'vitest';
import { metricName, numberText } from './words.ts';

describe('words of the page', () => {
  it('have a name of its own for each metric', () => {
    expect(new Set(METRICS.map(metricName)).size).toBe(METRICS.length);
    expect(metricName('PM2_5')).toBe('PM2.5');
  });

  it.each([
    [12.43, 'en-GB', '12.43'],
    [12.43, 'de-DE', '12,43'],
    [1013.25, 'fr-FR', '1\u202f013,25'],
    [180, 'de-DE', '180'],
  ])('write %d in %s as %s', (value, locale, text) => expect(numberText(value, locale)).toBe(text));
});
