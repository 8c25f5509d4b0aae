import { expect, it } from 'vitest';
import { preferredType } from './negotiation.ts';

const OFFERED = ['application/json', 'text/csv'];

it('takes the type with the most weight of those offered', () => {
  expect(preferredType('application/json;q=0.2, text/*;q=0.8', OFFERED)).toBe('text/csv');
  expect(preferredType('image/png', OFFERED)).toBeUndefined();
});

it('looks at the first fifty types that a client lists', () => {
  const others = (count: number) => 'image/png,'.repeat(count);
  expect(preferredType(`${others(49)}text/csv`, OFFERED)).toBe('text/csv');
  expect(preferredType(`${others(50)}text/csv`, OFFERED)).toBeUndefined();
});
