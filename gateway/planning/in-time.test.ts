import { describe, expect, it } from 'vitest';
import { asking } from '../fixtures/asking.ts';
import type { TestSubgraph } from '../fixtures/composed.ts';
import { openInTime } from './in-time.ts';

describe('work within a time', () => {
  const inTime = openInTime();

  it('gives what it comes to', () => {
    expect(inTime(10_000, () => ['a result'])).toEqual(['a result']);
  });

  it('throws what it throws', () => {
    const mistake = new RangeError('not so');
    const work = () => {
      throw mistake;
    };
    expect(() => inTime(10_000, work)).toThrow(mistake);
  });

  it('is ended where it never ends, and other work can be done then', () => {
    const work = () => {
      for (;;);
    };
    expect(() => inTime(20, work)).toThrow('timed out');
    expect(inTime(10_000, () => 1)).toBe(1);
  });
});

/** `advice` needs `index`, which needs `raw`: found among random supergraphs, and small since. Two fetches of `office` that the planner merges need each other, and it goes round for ever. */
const CIRCLE: readonly TestSubgraph[] = [
  {
    name: 'register',
    sdl: `
      type Owner @key(fields: "id", resolvable: false) { id: ID! }
      type Reading @key(fields: "id code") { id: ID! code: Int! owner: Owner }
      interface Device @key(fields: "id") { id: ID! }
      type Node implements Device @key(fields: "id") { id: ID! }`,
    resolvers: {},
  },
  {
    name: 'office',
    sdl: `
      type Owner @key(fields: "id") { id: ID! since: Int }
      type Reading @key(fields: "id code") { id: ID! code: Int! raw: Int @external index: String @requires(fields: "raw") }
      type Device @interfaceObject @key(fields: "id") { id: ID! age: Int }`,
    resolvers: {},
  },
  {
    name: 'city',
    sdl: `
      type Query { device: Device }
      type Reading @key(fields: "id") @key(fields: "id code") { id: ID! code: Int! sampled: Int }
      type Device @interfaceObject @key(fields: "id") { id: ID! }`,
    resolvers: {},
  },
  {
    name: 'field',
    sdl: `
      type Owner @key(fields: "id") { id: ID! }
      type Reading @key(fields: "id") {
        id: ID!
        sampled: Int @external
        raw: Int @requires(fields: "sampled")
        index: String @external
        advice: Int @requires(fields: "index")
        keeper: Owner }
      type Device @interfaceObject @key(fields: "id") { id: ID! reading: Reading! }`,
    resolvers: {},
  },
];

describe('an operation that leads the planner in a circle', () => {
  it('is refused, and others are planned after it', async () => {
    using city = asking(CIRCLE);
    const circle = '{ device { reading { owner { since id } index advice keeper { id } } age } }';
    // The second time it is known.
    for (let time = 0; time < 2; time += 1) {
      const { errors } = await city.ask(circle);
      expect(errors[0]).toMatchObject({ extensions: { code: 'UNAVAILABLE' } });
    }
    expect((await city.ask('{ device { age } }')).errors).toEqual([]);
  });
});
