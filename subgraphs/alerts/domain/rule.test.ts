import { describe, expect, it } from 'vitest';
import { aRule } from './fixtures/builders.ts';
import { clears, exceeds, ruleFault, watches } from './rule.ts';

describe('a threshold', () => {
  it('is passed by what is past it, not by what is at it', () => {
    const above = aRule({ comparison: 'ABOVE', threshold: 50 });
    expect([49.9, 50, 50.1].map((value) => exceeds(above, value))).toEqual([false, false, true]);
    const below = aRule({ comparison: 'BELOW', threshold: 3.3 });
    expect([3.2, 3.3, 3.4].map((value) => exceeds(below, value))).toEqual([true, false, false]);
  });

  it('is cleared at the clear threshold and beyond it', () => {
    const above = aRule({ comparison: 'ABOVE', threshold: 50, clearThreshold: 40 });
    expect([40.1, 40, 39].map((value) => clears(above, value))).toEqual([false, true, true]);
    const below = aRule({ comparison: 'BELOW', threshold: 3.3, clearThreshold: 3.6 });
    expect([3.5, 3.6, 3.7].map((value) => clears(below, value))).toEqual([false, true, true]);
  });
});

describe('a rule', () => {
  it('watches its device, its zone or all, and never a retired device', () => {
    const place = { deviceId: 'd1', zoneId: 'z1', retired: false };
    expect(watches(aRule(), place)).toBe(true);
    expect(watches(aRule({ deviceId: 'd1' }), place)).toBe(true);
    expect(watches(aRule({ deviceId: 'd2' }), place)).toBe(false);
    expect(watches(aRule({ zoneId: 'z1' }), place)).toBe(true);
    expect(watches(aRule({ zoneId: 'z2' }), place)).toBe(false);
    expect(watches(aRule(), { ...place, retired: true })).toBe(false);
    expect(watches(aRule({ enabled: false }), place)).toBe(false);
  });

  it.each([
    ['name', { name: ' ' }],
    ['name', { name: 'x'.repeat(101) }],
    ['threshold', { threshold: -1, clearThreshold: -1 }],
    ['threshold', { threshold: 10_001 }],
    ['threshold', { threshold: Number.NaN }],
    ['clearThreshold', { threshold: 50, clearThreshold: 50.1 }],
    ['clearThreshold', { threshold: 50, clearThreshold: -1 }],
    ['clearThreshold', { comparison: 'BELOW', threshold: 50, clearThreshold: 49 }],
    ['for', { forMs: -1 }],
    ['for', { forMs: 86_400_001 }],
    ['deviceId', { deviceId: 'd1', zoneId: 'z1' }],
  ] as const)('has a fault in %s when it is %j', (field, wrong) => {
    expect(ruleFault(aRule(wrong))?.field).toBe(field);
  });

  it('is good at its limits', () => {
    const limits = [
      { name: 'x'.repeat(100) },
      { threshold: 50, clearThreshold: 50 },
      { threshold: 0, clearThreshold: 0 },
      { forMs: 0 },
      { forMs: 86_400_000 },
    ];
    expect(limits.map((limit) => ruleFault(aRule(limit)))).toEqual(limits.map(() => undefined));
  });
});
