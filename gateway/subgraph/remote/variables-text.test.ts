import { describe, expect, it } from 'vitest';
import { variablesText } from './variables-text.ts';

describe('the text of variables', () => {
  const representations = [
    { __typename: 'Device', id: 'a "quoted" name' },
    { __typename: 'Zone', id: 7, of: null },
  ];

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['without any', {}],
    ['without representations', { how: 'well', count: 1, nothing: null, missing: undefined }],
    ['of representations alone', { representations }],
    ['of representations and others', { representations, how: 'well', more: { deep: [1] } }],
    ['of no representations', { representations: [], how: 'well' }],
    ['of something else by that name', { representations: 'none' }],
  ])('%s is JSON', (_, variables) => {
    expect(JSON.parse(variablesText(variables))).toEqual(JSON.parse(JSON.stringify(variables)));
  });

  it('is the same for fetches that share their representations', () => {
    expect(variablesText({ representations })).toBe(variablesText({ representations }));
    expect(variablesText({ representations, how: 'well' })).not.toBe(variablesText({ representations }));
  });
});
