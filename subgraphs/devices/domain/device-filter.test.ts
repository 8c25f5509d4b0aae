import { describe, expect, it } from 'vitest';
import { checkFilter, SEARCH_LENGTH_MAX } from './device-filter.ts';

const box = { west: -2, south: 57, east: -1, north: 58 };

describe('a filter of devices', () => {
  it('asks for nothing when it is empty', () => {
    const nothing = { within: null, zone: null, status: null, environment: null, search: null };
    expect(checkFilter({})).toEqual({ kind: 'accepted', value: nothing });
    expect(checkFilter({ search: '  ' })).toEqual({ kind: 'accepted', value: nothing });
  });

  it.each([
    [{ within: { ...box, north: 56 } }, 'filter.within'],
    [{ within: { ...box, west: -181 } }, 'filter.within'],
    [{ search: 'a'.repeat(SEARCH_LENGTH_MAX + 1) }, 'filter.search'],
  ])('refuses %j and names %s', (input, path) => {
    expect(checkFilter(input)).toMatchObject({ kind: 'refused', faults: [{ path }] });
  });

  it('takes a box across the antimeridian', () => {
    expect(checkFilter({ within: { ...box, west: 179, east: -179 } }).kind).toBe('accepted');
  });
});
