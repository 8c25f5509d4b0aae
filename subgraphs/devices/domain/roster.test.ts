import { describe, expect, it } from 'vitest';
import { aDevice } from '../fixtures/device.ts';
import { checkFilter, type FilterInput } from './device-filter.ts';
import { createRoster, type PagePosition, type Roster } from './roster.ts';

const named = (...names: readonly string[]) => names.map((name) => aDevice({ id: name.toLowerCase(), name }));

function page(
  roster: Roster,
  first: number,
  { after = null, ...filter }: FilterInput & { after?: PagePosition | null } = {},
) {
  const checked = checkFilter(filter);
  if (checked.kind === 'refused') throw new Error('a test gave a wrong filter');
  const found = roster.page({
    filter: checked.value,
    first,
    after,
    statusOf: (device) => (device.tags.includes('late') ? 'LATE' : 'NEW'),
  });
  return { ids: found.devices.map(({ id }) => id), ...found };
}

describe('a page of devices', () => {
  it('is empty without devices', () => {
    expect(page(createRoster([]), 10)).toMatchObject({ ids: [], totalCount: 0, end: null, hasNextPage: false });
  });

  it('is in order of name, upper and lower case the same, then id', () => {
    const roster = createRoster([...named('beta', 'Alpha', 'gamma'), aDevice({ id: 'alpha-2', name: 'alpha' })]);
    expect(page(roster, 10).ids).toEqual(['alpha', 'alpha-2', 'beta', 'gamma']);
  });

  it('ends at `first` and says whether there is more', () => {
    const roster = createRoster(named('A', 'B', 'C'));
    expect(page(roster, 2)).toMatchObject({ ids: ['a', 'b'], totalCount: 3, hasNextPage: true });
    expect(page(roster, 3)).toMatchObject({ ids: ['a', 'b', 'c'], hasNextPage: false });
    expect(page(roster, 2, { after: page(roster, 2).end })).toMatchObject({
      ids: ['c'],
      totalCount: 3,
      hasNextPage: false,
    });
  });

  it('shows each device once when others come and go between pages', () => {
    const roster = createRoster(named('B', 'D', 'F', 'H'));
    const before = page(roster, 2);
    for (const device of named('A', 'C', 'E')) roster.put(device);
    roster.remove('d');
    expect(before.ids).toEqual(['b', 'd']);
    expect(page(roster, 10, { after: before.end }).ids).toEqual(['e', 'f', 'h']);
  });

  it('follows a device that gets another name', () => {
    const roster = createRoster(named('A', 'B'));
    roster.put(aDevice({ id: 'a', name: 'Z' }));
    expect(page(roster, 10).ids).toEqual(['b', 'a']);
    expect(roster.size).toBe(2);
  });

  it('counts and shows only what passes every condition', () => {
    const roster = createRoster([
      aDevice({ id: 'in', zoneId: 'x', environment: 'INDOOR', tags: ['late'] }),
      aDevice({ id: 'out', zoneId: 'x' }),
      aDevice({ id: 'far', location: { latitude: 10, longitude: 179.5, altitude: null } }),
    ]);
    expect(page(roster, 10, { zone: 'x' }).ids).toEqual(['in', 'out']);
    expect(page(roster, 10, { zone: 'x', environment: 'INDOOR' }).ids).toEqual(['in']);
    expect(page(roster, 1, { status: 'NEW' })).toMatchObject({ ids: ['far'], totalCount: 2, hasNextPage: true });
    expect(page(roster, 10, { within: { west: 179, south: 0, east: -179, north: 20 } }).ids).toEqual(['far']);
  });

  it('searches name, id and tags without regard to case or the way an accent is written', () => {
    const roster = createRoster([
      aDevice({ id: 'one', name: 'Rue de Rome' }),
      aDevice({ id: 'ROMEO', name: 'x' }),
      aDevice({ id: 'three', name: 'y', tags: ['chrome'] }),
      aDevice({ id: 'four', name: 'Cafe\u0301' }),
    ]);
    expect(page(roster, 10, { search: 'ROME' }).ids.sort()).toEqual(['ROMEO', 'one', 'three']);
    expect(page(roster, 10, { search: 'caf\u00e9' }).ids).toEqual(['four']);
  });
});

describe('the nearest devices', () => {
  const at = (id: string, latitude: number, longitude: number) =>
    aDevice({ id, location: { latitude, longitude, altitude: null } });
  const ids = (roster: Roster, latitude: number, longitude: number, first: number) =>
    roster.nearest({ latitude, longitude }, first).map(({ id }) => id);

  it('come nearest first, across the antimeridian and near the pole as well', () => {
    const roster = createRoster([at('east', 0, 179.9), at('west', 0, -179.8), at('home', 0, 0), at('pole', 89.9, 90)]);
    expect(ids(roster, 0, 180, 2)).toEqual(['east', 'west']);
    expect(ids(roster, 89.9, -90, 1)).toEqual(['pole']);
  });

  it('tell metres apart', () => {
    // 0.00001 degrees of latitude are 1.1 m.
    const roster = createRoster([at('c', 57.14503, -2.1), at('a', 57.14501, -2.1), at('b', 57.14502, -2.1)]);
    expect(ids(roster, 57.145, -2.1, 3)).toEqual(['a', 'b', 'c']);
  });

  it('leave the retired out', () => {
    const roster = createRoster([at('a', 0, 0), { ...at('b', 0, 1), retiredAtMs: 1 }]);
    expect(ids(roster, 0, 1, 10)).toEqual(['a']);
  });
});

describe('the devices of a zone', () => {
  it('are counted as they come, move, retire and go', () => {
    const roster = createRoster([aDevice({ id: 'a', zoneId: 'x' })]);
    roster.put(aDevice({ id: 'b', zoneId: 'x' }));
    expect(roster.countInZone('x')).toBe(2);
    roster.put(aDevice({ id: 'b', zoneId: 'y' }));
    expect([roster.countInZone('x'), roster.countInZone('y')]).toEqual([1, 1]);
    roster.put(aDevice({ id: 'a', zoneId: 'x', retiredAtMs: 1 }));
    roster.remove('b');
    expect([roster.countInZone('x'), roster.countInZone('y')]).toEqual([0, 0]);
  });
});
