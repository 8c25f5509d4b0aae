import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { checkClientScalars } from '../client-scalars.ts';
import { restRule } from '../rest/endpoint.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { operationChecker } from './check.ts';
import { committedReleases } from './committed.ts';

const schema = buildSchema(readFileSync(new URL('../../schema/api.graphql', import.meta.url), 'utf8'));
checkClientScalars(schema);
const checker = operationChecker(schema, DEFAULT_SETTINGS.limits, [restRule]);
const releases = await committedReleases(fileURLToPath(new URL('../../schema/operations', import.meta.url)));
const operations = releases
  .filter(({ state }) => state !== 'retired')
  .flatMap(({ app, version, operations: all }) => all.map(({ name, text }) => ({ app, version, name, text })));

describe('the operations that apps rely on', () => {
  it('are there', () => {
    expect(operations.length).toBeGreaterThan(0);
  });

  it.each(operations)('$app $version: $name fits the schema and the limits', ({ text }) => {
    const check = checker.check(text);
    expect(check.kind === 'bad' ? check.mistakes : []).toEqual([]);
  });

  it('have a name each that is theirs alone in their release', () => {
    for (const release of releases) {
      const names = release.operations.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).not.toContain('');
    }
  });
});

describe('a folder of operations', () => {
  it('that is not there holds no releases', async () => {
    expect(await committedReleases('/nonexistent')).toEqual([]);
  });
});
