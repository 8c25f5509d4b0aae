import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Served, serve, testToken } from '@greencity/gateway/fixtures/served';
import { smallCity } from '@greencity/gateway/fixtures/small-city';
import { operationId, operationIdWithLineEnd } from '@greencity/gateway/operations/release';
import { DEFAULT_SETTINGS } from '@greencity/gateway/settings';
import { type AuditLog, openAuditLog } from '@greencity/platform/audit-log/audit-log';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REFRESH, SIGN_IN as SIGN_IN_OF_GRAPHIQL } from '../../web/graphiql/session.ts';
import { SIGN_IN } from '../operator/api.ts';
import { documentsAt } from './documents.ts';
import { breaches, releasesIn } from './offline.ts';
import { type Releases, releasesAt } from './releases.ts';

const NAMES = 'query Names { devices { name } }';
/** Of ten devices, as a list is taken to be, eight objects each. */
const DEAR_HERE =
  'query Dear { devices { latest { device { latest { device { latest { device { latest { device { id } } } } } } } } } }';
const ONE = 'query One($id: ID!) { device(id: $id) { name } }';

let folder = '';
let served: Served;
let releases: Releases;
let audit: AuditLog;
const open = new AsyncDisposableStack();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'greencity-releases-'));
  open.defer(() => rm(folder, { recursive: true, force: true }));
  const store = open.use(await openSqliteDocuments({ path: join(folder, 'documents.sqlite') }));
  audit = await openAuditLog({ documents: store, clock: manualClock(0), log: memoryLog() });
  served = open.use(
    await serve(
      smallCity().subgraphs,
      { limits: { ...DEFAULT_SETTINGS.limits, costMax: 50 } },
      { mode: 'only', committed: [], store, audit },
    ),
  );
  releases = releasesAt(served.url, { token: async () => testToken('operator') });
});
afterAll(() => open.disposeAsync());

async function file(path: string, content: string): Promise<string> {
  const place = join(folder, path);
  await mkdir(join(place, '..'), { recursive: true });
  await writeFile(place, content);
  return place;
}

const answer = async (text: string) => {
  const response = await fetch(`${served.url}/graphql/${operationId(text)}`);
  return {
    status: response.status,
    deprecation: response.headers.get('deprecation'),
    sunset: response.headers.get('sunset'),
  };
};

describe('a release on a running platform', () => {
  it('is served once it is pushed, tells when it ends, and is refused when it is retired', async () => {
    expect((await answer(NAMES)).status).toBe(404);
    expect(await releases.push('acme', '1', { operations: [NAMES], state: 'active' })).toMatchObject({
      ...{ app: 'acme', version: '1', state: 'active', committed: false, createdAt: '2026-11-24T00:00:00.000Z' },
      operations: [{ id: operationId(NAMES), name: 'Names', text: NAMES }],
    });
    expect(await answer(NAMES)).toEqual({ status: 200, deprecation: null, sunset: null });
    await releases.move('acme', '1', { state: 'deprecated', sunset: '2027-06-01' });
    expect(await answer(NAMES)).toEqual({
      ...{ status: 200, deprecation: '@1795478400', sunset: 'Tue, 01 Jun 2027 00:00:00 GMT' },
    });
    expect(await releases.list()).toMatchObject([{ app: 'acme', state: 'deprecated' }]);
    await releases.move('acme', '1', { state: 'retired' });
    expect((await answer(NAMES)).status).toBe(410);
  });

  it('is refused with what is wrong', async () => {
    const push = (operations: readonly string[]) => releases.push('acme', '9', { operations, state: 'active' });
    await expect(push(['query Bad { devices { colour } }'])).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('Bad: Cannot query field "colour"'),
    });
    await expect(push([])).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(releases.move('acme', '9', { state: 'retired' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(releases.move('acme', '1', { state: 'retired', sunset: 'soon' })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });

  it('is written down in the audit log when it changes, or when one is to be changed that is not there', async () => {
    const written = async () =>
      (await audit.page(2, undefined)).items.map(({ document }) => [
        document.action,
        document.subject,
        document.outcome,
      ]);
    await releases.push('audited', '1', { operations: [ONE], state: 'draft' });
    await releases.move('audited', '1', { state: 'active' });
    expect(await written()).toEqual([
      ['moveRelease', 'audited 1 active', 'DONE'],
      ['pushRelease', 'audited 1 draft', 'DONE'],
    ]);
    await expect(releases.move('audited', '2', { state: 'retired' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await written())[0]).toEqual(['moveRelease', 'audited 2 retired', 'REFUSED']);
    expect((await audit.page(1, undefined)).items[0]?.document).toMatchObject({
      actor: 'user:operator',
      from: '127.0.0.1',
    });
  });

  it('is the business of operators alone', async () => {
    const stranger = releasesAt(served.url, { token: async () => 'forged' });
    await expect(stranger.list()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const nobody = await fetch(`${served.url}/api/operations`);
    expect({ status: nobody.status, type: nobody.headers.get('content-type') }).toEqual({
      ...{ status: 401, type: 'application/problem+json' },
    });
    const elsewhere = releasesAt('http://127.0.0.1:1', { token: async () => 'x' });
    await expect(elsewhere.list()).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

describe('signing in', () => {
  it('is registered as the tools and GraphiQL do it, for where only registered operations are taken', async () => {
    const committed = await releasesIn(fileURLToPath(new URL('../../schema/operations', import.meta.url)));
    const texts = committed.flatMap(({ operations }) => operations.map(({ text }) => text));
    for (const text of [SIGN_IN, SIGN_IN_OF_GRAPHIQL, REFRESH]) expect(texts).toContain(text);
  });
});

describe('operations in files', () => {
  it('are read from a folder, and from manifests of Apollo, GraphQL Code Generator and Relay', async () => {
    await file('app/names.graphql', `\n${NAMES}\n`);
    await file('app/one.graphql', ONE);
    const apollo = {
      format: 'apollo-persisted-query-manifest',
      version: 1,
      operations: [{ id: operationId(NAMES), name: 'Names', body: NAMES }],
    };
    expect(await documentsAt(join(folder, 'app'))).toEqual([NAMES, ONE]);
    expect(await documentsAt(await file('apollo.json', JSON.stringify(apollo)))).toEqual([NAMES]);
    const codegen = { [`sha256:${operationId(ONE)}`]: ONE };
    expect(await documentsAt(await file('codegen.json', JSON.stringify(codegen)))).toEqual([ONE]);
    const relay = { [operationIdWithLineEnd(ONE)]: `${ONE}\n` };
    expect(await documentsAt(await file('relay.json', JSON.stringify(relay)))).toEqual([`${ONE}\n`]);
  });

  it.each([
    ['{"operations":[{}]}', 'no manifest'],
    ['{', 'no manifest'],
    ['[]', 'no manifest'],
    ['{"name":"partner","type":"module"}', 'no manifest'],
    [JSON.stringify({ '684e6b1b9fd71b5cacafca64a1883d51': NAMES }), 'is not the SHA-256 of its text'],
  ])('that cannot be read as %s are refused', async (content, sentence) => {
    await expect(documentsAt(await file('bad.json', content))).rejects.toThrow(sentence);
    await expect(documentsAt(join(folder, 'missing'))).rejects.toThrow('There is no');
  });

  it('may share fragments between files, and stand several in one', async () => {
    await file('shared/two.graphql', 'query A { devices { ...Named } } query B { devices { id } }');
    await file('shared/deep/named.gql', 'fragment Named on Device { ...Id name } fragment Id on Device { id }');
    const [a, b, ...more] = await documentsAt(join(folder, 'shared'));
    expect(more).toEqual([]);
    expect(a).toBe(
      'query A {\n  devices {\n    ...Named\n  }\n}\n\nfragment Named on Device {\n  ...Id\n  name\n}\n\nfragment Id on Device {\n  id\n}',
    );
    expect(b).toBe('query B {\n  devices {\n    id\n  }\n}');
  });

  it('name the app that a change of the schema would break, and leave retired ones alone', async () => {
    await file('apps/partner/2.0/names.graphql', NAMES);
    await file('apps/partner/1.0/one.graphql', ONE);
    await file('apps/partner/1.0/release.json', '{"state":"retired"}');
    const read = await releasesIn(join(folder, 'apps'));
    expect(breaches('type Query { devices: [Device!]! } type Device { name: String! }', read)).toEqual([]);
    expect(breaches('type Query { devices: [Device!]! } type Device { title: String! }', read)).toMatchObject([
      { app: 'partner', version: '2.0', operation: 'Names', mistakes: [expect.stringContaining('"name"')] },
    ]);
  });

  it('name the operation that would cost more than one call may, by the costs of the supergraph that is served', async () => {
    const supergraph = await readFile(
      fileURLToPath(new URL('../../schema/supergraph.graphql', import.meta.url)),
      'utf8',
    );
    const dear = 'query Dear { devices(first: 200) { nodes { alerts(first: 200) { nodes { id } } } } }';
    const mistakes = [expect.stringMatching(/^It would cost \d+ points, the limit is 20000\.$/)];
    const release = (text: string) => ({ app: 'partner', version: '3.0', operations: [{ name: 'dear', text }] });
    expect(breaches(supergraph, [release(dear)])).toEqual([
      { app: 'partner', version: '3.0', operation: 'Dear', mistakes },
    ]);
    expect(breaches(supergraph, [release(dear.replaceAll('200', '20'))])).toEqual([]);
    const pushed = releases.push('acme', '8', { operations: [DEAR_HERE], state: 'active' });
    await expect(pushed).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(/Dear: It would cost \d+ points/),
    });
  });

  it('say when a release file is wrong', async () => {
    await file('wrong/partner/1.0/release.json', '{"state":"sleeping"}');
    await expect(releasesIn(join(folder, 'wrong'))).rejects.toMatchObject({ code: 'BAD_SETTING' });
  });
});
