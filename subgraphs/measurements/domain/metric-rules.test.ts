import { METRICS, metricDefinition } from '@greencity/air/metric';
import { expect, it } from 'vitest';
import { RULES } from './metric-rules.ts';

it('has rules for each metric, within its plausible range', () => {
  expect(RULES).toHaveLength(METRICS.length);
  METRICS.forEach((metric, place) => {
    const [low, high] = metricDefinition(metric).plausible;
    expect(RULES[place]?.low).toBeGreaterThanOrEqual(low);
    expect(RULES[place]?.high).toBe(high);
  });
});

it('gives values that may rest at least as long as others', () => {
  for (const rules of RULES) expect(rules.restingAfterMs).toBeGreaterThanOrEqual(rules.stuckAfterMs);
});
