import { describe, expect, it } from 'vitest';
import { mayRead } from './parameters.ts';

const INFO = 3;

const denied: readonly ((...given: never[]) => unknown)[] = [
  (source: { id: string }) => source.id,
  ({ id }: { id: string }, { first }: { first?: number }, context: object) => [id, first, context],
  () => 'a = ( b',
  async (_: unknown, __: unknown, { loaders }: { loaders: unknown }) => loaders,
  { method: (source: unknown) => source }.method,
];

const admitted: readonly ((...given: never[]) => unknown)[] = [
  (_: unknown, __: unknown, ___: unknown, info: { path: unknown }) => info.path,
  (...all: unknown[]) => all[INFO],
  (_: unknown, __ = {}, ___: unknown = {}, info: unknown = {}) => info,
  // What is given by default inside of a parameter is not told from the parameter's own default.
  (_: unknown, { first = 3 }: { first?: number }) => first,
  new Function('return arguments[3];') as () => unknown,
  ((_: unknown, __: unknown) => 1).bind(undefined),
];

describe('whether a function may read its fourth parameter', () => {
  it.each(denied)('is denied of %s', (resolver) => {
    expect(mayRead(resolver, INFO)).toBe(false);
  });

  it.each(admitted)('is admitted of %s', (resolver) => {
    expect(mayRead(resolver, INFO)).toBe(true);
  });

  it('is admitted of what is not known', () => {
    expect(mayRead(undefined, INFO)).toBe(true);
  });
});
