import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { buildSchema } from 'graphql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { operationChecker } from './check.ts';
import { openRegistry, type Registry } from './registry.ts';
import { operationId, type Release } from './release.ts';

const SCHEMA = buildSchema(`
  type Query { device(id: ID!): Device devices(first: Int = 10): [Device!]! }
  type Device { id: ID! name: String! next: Device }`);
const NAMES = 'query Names { devices { name } }';
const ONE = 'query One($id: ID!) { device(id: $id) { name } }';
const NOW_MS = Date.UTC(2026, 10, 24);

let folder = '';
let engines: AsyncDisposableStack;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'greencity-operations-'));
  engines = new AsyncDisposableStack();
});
afterEach(async () => {
  await engines.disposeAsync();
  await rm(folder, { recursive: true, force: true });
});

async function registry(
  options: { readonly committed?: readonly Release[]; readonly schema?: typeof SCHEMA } = {},
): Promise<Registry & { readonly log: ReturnType<typeof memoryLog> }> {
  const { committed = [], schema = SCHEMA } = options;
  const store = engines.use(await openSqliteDocuments({ path: join(folder, 'documents.sqlite') }));
  const log = memoryLog();
  const checker = operationChecker(schema, DEFAULT_SETTINGS.limits);
  const opened = await openRegistry({ checker: () => checker, committed, store, clock: manualClock(NOW_MS), log });
  engines.use(opened);
  return Object.assign(opened, { log });
}

function committed(text: string, state: Release['state'] = 'active'): Release {
  const operations = [{ id: operationId(text), name: 'Committed', text }];
  return { app: 'ours', version: '1', state, operations, createdMs: 0, changedMs: 0 };
}

describe('a pushed release', () => {
  it('is found by the SHA-256 of each text, white space around it aside', async () => {
    const releases = await registry();
    const release = await releases.push({
      app: 'acme',
      version: '1.0.0',
      texts: [`\n${NAMES}\n`, ONE],
      state: 'active',
    });
    expect(release.operations.map(({ name }) => name)).toEqual(['Names', 'One']);
    // printf 'query Names { devices { name } }' | sha256sum
    expect(operationId(NAMES)).toBe('0c9cc36f63833de4408f0d31c7a83f77e7fdb226395c6f1217a9e0209e205a10');
    expect(releases.operation(operationId(NAMES))).toMatchObject({ name: 'Names', state: 'active', source: NAMES });
    expect(releases.operation(operationId('query Other { devices { name } }'))).toBeUndefined();
  });

  it('is there after a restart', async () => {
    await (await registry()).push({ app: 'acme', version: '1', texts: [NAMES], state: 'active' });
    await engines.disposeAsync();
    engines = new AsyncDisposableStack();
    expect((await registry()).operation(operationId(NAMES))).toMatchObject({ name: 'Names', state: 'active' });
  });

  it('may be pushed again as it is, and not with other operations', async () => {
    const releases = await registry();
    const push = (texts: readonly string[]) => releases.push({ app: 'acme', version: '1', texts, state: 'active' });
    const release = await push([NAMES]);
    expect(await push([NAMES])).toEqual(release);
    await expect(push([ONE])).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(releases.operation(operationId(ONE))).toBeUndefined();
  });

  it('is found by the id of its text with the end of a line behind it, too, as Relay counts', async () => {
    const releases = await registry();
    await releases.push({ app: 'acme', version: '1', texts: [`${NAMES}\n`], state: 'active' });
    const id = createHash('sha256').update(`${NAMES}\n`).digest('hex');
    expect(releases.operation(id)).toBe(releases.operation(operationId(NAMES)));
    expect(releases.served()).toHaveLength(1);
  });

  it('may change while it is a draft, and becomes active by a push', async () => {
    const releases = await registry();
    const push = (texts: readonly string[], state: 'draft' | 'active') =>
      releases.push({ app: 'acme', version: '1', texts, state });
    await push([NAMES], 'draft');
    expect(releases.operation(operationId(NAMES))?.state).toBe('draft');
    await push([ONE], 'draft');
    expect(releases.operation(operationId(NAMES))).toBeUndefined();
    await push([ONE], 'active');
    expect(releases.operation(operationId(ONE))?.state).toBe('active');
  });

  it.each([
    ['does not fit the schema', 'query Bad { devices { colour } }', 'Bad: Cannot query field "colour"'],
    [
      'is too deep',
      `query Deep { device(id: 1) { ${'next { '.repeat(12)}id${' }'.repeat(12)} } }`,
      'Deep: .*levels deep',
    ],
    ['has no name', '{ devices { name } }', 'exactly one operation, with a name'],
    ['holds two operations', `${NAMES} query Two { devices { id } }`, 'exactly one operation, with a name'],
    ['is not GraphQL', 'query {', 'Syntax Error'],
  ])('is refused when an operation %s', async (_, text, sentence) => {
    const releases = await registry();
    const push = releases.push({ app: 'acme', version: '1', texts: [NAMES, text], state: 'active' });
    await expect(push).rejects.toMatchObject({ code: 'BAD_USER_INPUT', subject: expect.stringMatching(sentence) });
    expect(releases.releases()).toEqual([]);
  });

  it.each([
    ['Acme', '1'],
    ['acme', '../1'],
    ['', '1'],
    ['acme', ''],
  ])('is refused under the name %j, version %j', async (app, version) => {
    const releases = await registry();
    const push = releases.push({ app, version, texts: [NAMES], state: 'active' });
    await expect(push).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe('the states of a release', () => {
  it('go on to deprecated with a sunset, and to retired for good', async () => {
    const releases = await registry();
    await releases.push({ app: 'acme', version: '1', texts: [NAMES], state: 'active' });
    const sunsetMs = NOW_MS + 86_400_000;
    expect(await releases.move('acme', '1', { state: 'deprecated', sunsetMs })).toMatchObject({ sunsetMs });
    expect(releases.operation(operationId(NAMES))?.state).toBe('deprecated');
    await releases.move('acme', '1', { state: 'retired' });
    expect(releases.operation(operationId(NAMES))?.state).toBe('retired');
    await expect(releases.move('acme', '1', { state: 'active' })).rejects.toMatchObject({ code: 'CONFLICT' });
    const again = releases.push({ app: 'acme', version: '1', texts: [NAMES], state: 'active' });
    await expect(again).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(releases.move('acme', '2', { state: 'retired' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('count by the best of the releases that share an operation', async () => {
    const releases = await registry();
    await releases.push({ app: 'acme', version: '1', texts: [NAMES], state: 'active' });
    await releases.push({ app: 'acme', version: '2', texts: [NAMES], state: 'active' });
    await releases.move('acme', '1', { state: 'retired' });
    expect(releases.operation(operationId(NAMES))).toMatchObject({ state: 'active', release: { version: '2' } });
  });
});

describe('releases that come with the platform', () => {
  it('are served, and cannot be changed from outside', async () => {
    const releases = await registry({ committed: [committed(NAMES)] });
    expect(releases.operation(operationId(NAMES))?.state).toBe('active');
    await expect(releases.move('ours', '1', { state: 'retired' })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('name the app in the log when the schema has moved away under them', async () => {
    const releases = await registry({ committed: [committed('query Committed { gone }')] });
    expect(releases.served()).toEqual([]);
    expect(releases.log.entries).toMatchObject([{ level: 'warn', attributes: { app: 'ours', version: '1' } }]);
  });
});
