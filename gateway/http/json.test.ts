import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTooDeep, parseJson } from './json.ts';

const lists = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

describe('JSON of a client', () => {
  it('may be a hundred levels deep, and not one more', () => {
    expect(parseJson(lists(100))).toHaveProperty('value');
    expect(parseJson(lists(101))).toEqual({ wrong: 'is more than 100 levels deep' });
    expect(parseJson(objects(100))).toHaveProperty('value');
    expect(parseJson(objects(101))).toHaveProperty('wrong');
  });

  it('is refused before it is parsed, however long it is', () => {
    expect(isTooDeep('['.repeat(1_000_000))).toBe(true);
  });

  it('is too deep where the brackets are few or many beside it', () => {
    expect(isTooDeep(`["${'x'.repeat(100_000)}",${lists(99)}]`)).toBe(false);
    expect(isTooDeep(`["${'x'.repeat(100_000)}",${lists(100)}]`)).toBe(true);
    expect(isTooDeep(`["${'['.repeat(1_000)}",${lists(99)}]`)).toBe(false);
    expect(isTooDeep(`["${'['.repeat(1_000)}",${objects(100)}]`)).toBe(true);
  });

  it('may have any number of brackets next to each other and inside texts', () => {
    expect(parseJson(JSON.stringify([Array(1_000).fill([]), '['.repeat(1_000), '\\"['.repeat(200)]))).toHaveProperty(
      'value',
    );
  });

  it('is what JSON.parse gives, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        expect(parseJson(text)).toEqual({ value: JSON.parse(text) });
      }),
    );
  });

  it('says so where it is none', () => {
    expect(parseJson('{"a":')).toEqual({ wrong: 'is not JSON' });
  });
});
