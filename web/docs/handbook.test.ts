import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { chapters } from './handbook.ts';
import { LANGUAGES } from './samples.ts';

it('holds a query, a subscription and a registered operation in each language, asked of the host at hand', () => {
  const api = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const found = chapters(api, 'https://air.example.org');
  expect(found.map(({ title }) => title)).toEqual(['A query', 'A subscription', 'A registered operation']);
  for (const { samples } of found) {
    expect(Object.keys(samples)).toEqual([...LANGUAGES]);
    for (const language of LANGUAGES) {
      expect(samples[language]).toContain('https://air.example.org/graphql');
      expect(samples[language]).not.toContain('localhost');
    }
  }
});
