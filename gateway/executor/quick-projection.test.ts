/** What generated code writes is what the exact writer writes; what it does not write, it refuses as a whole. */
import fc from 'fast-check';
import { buildSchema, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { wholeOf } from '../answer.ts';
import type { Compiling } from './projecting.ts';
import { compileProjection } from './projection.ts';
import { compileQuickProjection } from './quick-projection.ts';
import { responseShelter } from './response-names.ts';
import type { DataObject } from './values.ts';

const SCHEMA = buildSchema(`
  scalar Time
  enum Status { ONLINE STALE }
  interface Place { id: ID! name: String }
  type City implements Place { id: ID! name: String people: Int! }
  type Device implements Place { id: ID! name: String status: Status! seen: Time value: Float! grid: [[Int!]]! }
  type Query { places: [Place!]! device: Device devices: [Device] }
`);

const QUERY = `{
  places { __typename id name ... on City { people } ...Seen }
  device { constructor: id name status seen value grid }
  devices { id value }
}
fragment Seen on Device { status seen }`;

function projections() {
  const document = parse(QUERY);
  const operation = document.definitions[0] as OperationDefinitionNode;
  const fragments = new Map(
    document.definitions
      .filter((each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const { names } = responseShelter(SCHEMA)(document);
  const compiling: Compiling = { schema: SCHEMA, fragments, conditions: {}, names, interfaceObjects: new Set() };
  const root = SCHEMA.getQueryType();
  if (!root) throw new Error('no query type');
  return {
    inside: names.inside('constructor'),
    quick: compileQuickProjection(compiling, root, operation.selectionSet),
    exact: compileProjection(compiling, root, operation.selectionSet),
  };
}

const { quick, exact, inside } = projections();

function data(change: (data: Record<string, unknown>) => void = () => {}): DataObject {
  const device = {
    __typename: 'Device',
    [inside]: 'a',
    id: 'a',
    name: 'Rue "de" Rome\u0007 \ud83d\ude00',
    status: 'ONLINE',
    seen: '2026-11-26T10:00:00Z',
    value: 12.5,
    grid: [[1, 2], null, []],
  };
  const whole = {
    places: [
      { __typename: 'City', id: 7, name: null, people: 210_000 },
      { ...device, name: 'x'.repeat(400) },
    ],
    device,
    devices: [null, { id: 'b', value: -0.25 }],
  };
  change(whole);
  return whole;
}

const writtenQuickly = (given: DataObject) => quick(given, {})?.toString();
const writtenExactly = (given: DataObject) => wholeOf(exact(given, {}).json).toString();

describe('generated writers', () => {
  it('write what the exact one writes', () => {
    expect(writtenQuickly(data())).toBe(writtenExactly(data()));
    expect(JSON.parse(writtenQuickly(data()) ?? '').data).toMatchObject({
      places: [{ __typename: 'City', id: '7', name: null, people: 210_000 }, { name: 'x'.repeat(400) }],
      device: { constructor: 'a', name: 'Rue "de" Rome\u0007 \ud83d\ude00', grid: [[1, 2], null, []] },
      devices: [null, { id: 'b', value: -0.25 }],
    });
  });

  it('write what repeats in a place, and what does not, as the exact one does', () => {
    const units = fc.array(fc.constantFrom('a', '"', '\\', '\n', 'é', '日', '😀', '\ud800', '\udc00'));
    const texts = ['a', 'b', '7', '"', 'µ', 'x'.repeat(64), 'x'.repeat(65), 'é'.repeat(250)];
    const id = fc.oneof(
      fc.constantFrom(...texts, 7),
      units.map((each) => each.join('')),
      fc.string({ unit: 'binary' }),
    );
    const device = fc.option(fc.record({ id, value: fc.constantFrom(0, 0.1, -0.1, 57.14, 1e21, 1 / 3) }));
    fc.assert(
      fc.property(fc.array(device), (devices) => {
        const given = data((whole) => Object.assign(whole, { devices }));
        expect(writtenQuickly(given)).toBe(writtenExactly(given));
      }),
    );
  });

  it('write an answer that is larger than all before it, and a small one after it', () => {
    const devices = Array.from({ length: 200_000 }, (_, index) => ({ id: `é${index}`, value: index / 3 }));
    const large = data((whole) => Object.assign(whole, { devices }));
    expect(writtenQuickly(large) === writtenExactly(large)).toBe(true);
    expect(writtenQuickly(data())).toBe(writtenExactly(data()));
  });

  it('write a null wherever one may stand', () => {
    const nulls = data((whole) => Object.assign(whole, { device: null, devices: undefined, places: [] }));
    expect(writtenQuickly(nulls)).toBe('{"data":{"places":[],"device":null,"devices":null}}');
  });

  it.each<[string, (whole: Record<string, unknown>) => void]>([
    ['a null where none may stand', (whole) => Object.assign(whole, { places: null })],
    ['something else than a list', (whole) => Object.assign(whole, { devices: {} })],
    ['something else than an object', (whole) => Object.assign(whole, { device: 'a' })],
    ['a list in the place of an object', (whole) => Object.assign(whole, { device: [] })],
    ['an object of no type', (whole) => Object.assign(whole, { places: [{ id: 'a' }] })],
    ['nothing in the place of an object', (whole) => Object.assign(whole, { places: [null] })],
    [
      'an object of a type that cannot stand there',
      (whole) => Object.assign(whole, { places: [{ __typename: 'Query' }] }),
    ],
    ['a number that is none', (whole) => Object.assign(whole['device'] as object, { value: Number.NaN })],
    [
      'a fraction in the place of a whole number',
      (whole) => Object.assign(whole['device'] as object, { grid: [[0.5]] }),
    ],
    [
      'a value that its enum does not have',
      (whole) => Object.assign(whole['device'] as object, { status: 'constructor' }),
    ],
    ['a number in the place of text', (whole) => Object.assign(whole['device'] as object, { name: 1 })],
    ['a truth in the place of an ID', (whole) => Object.assign(whole['device'] as object, { [inside]: true })],
  ])('refuse %s', (_, change) => {
    expect(quick(data(change), {})).toBeUndefined();
    expect(exact(data(change), {}).violations).not.toHaveLength(0);
  });
});
