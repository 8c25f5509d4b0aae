import fc from 'fast-check';
import { expect, test } from 'vitest';
import { operationParameters, queryStringOf } from './operation-parameters.ts';

const NAMES = ['query', 'operationName', 'variables', 'extensions', 'id', 'documentId'];

test('what an address says of an operation is what URLSearchParams reads, and nothing else', () => {
  const name = fc.constantFrom(...NAMES, 'other', '__proto__', '%71uery', 'v%61riables', 'i+d');
  const value = fc.oneof(fc.string(), fc.constantFrom('', 'a+b', '%7B%22a%22%3A1%7D', '%', '%zz', 'a=b'));
  const pair = fc.oneof(
    fc.tuple(name, value).map(([one, text]) => `${one}=${text.replaceAll('&', '')}`),
    name,
    fc.constant(''),
  );
  fc.assert(
    fc.property(fc.array(pair), (pairs) => {
      const search = pairs.join('&');
      const read = Object.entries(Object.fromEntries(new URLSearchParams(search)));
      expect(operationParameters(search)).toEqual(Object.fromEntries(read.filter(([one]) => NAMES.includes(one))));
    }),
  );
});

test('the query string ends where a fragment begins', () => {
  expect(queryStringOf('/graphql?id=a&b=c#d?e')).toBe('id=a&b=c');
  expect(queryStringOf('/graphql')).toBe('');
});
