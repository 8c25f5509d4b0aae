import { describe, expect, it } from 'vitest';
import { settle } from './fault.ts';

const FAULT = { path: 'input.location.latitude', reason: 'must be -90 to 90' };

describe('an input that was checked', () => {
  it('is what it says when nothing is wrong', () => {
    expect(settle([], { name: 'Pier 1' })).toEqual({ kind: 'accepted', value: { name: 'Pier 1' } });
  });

  it('is everything that is wrong with it, and not its value, when something is', () => {
    const other = { path: 'input.name', reason: 'must not be empty' };
    expect(settle([FAULT, other], { name: '' })).toEqual({ kind: 'refused', faults: [FAULT, other] });
  });
});
