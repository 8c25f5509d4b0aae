import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuditLog } from '@greencity/platform/audit-log/audit-log';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { expect, it } from 'vitest';
import { NOW_MS, serve, testToken } from '../fixtures/served.ts';

const SHOP = {
  name: 'shop',
  sdl: `
    type Query { open: Int }
    type Mutation { change: Int @requiresScopes(scopes: [["admin:*"]]) touch: Int }
  `,
  resolvers: { Mutation: { touch: () => 1 } },
};
const BEARER = { authorization: `Bearer ${testToken('operator')}` };

it('writes down what somebody tried and has no scope for, once a minute, and nothing of nobody', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-refusals-'));
  await using documents = await openSqliteDocuments({ path: join(folder, 'documents.sqlite') });
  const audit = await openAuditLog({ documents, clock: manualClock(NOW_MS), log: memoryLog() });
  const written = async () => (await audit.page(10, undefined)).items.map(({ document }) => document);
  await using served = await serve([SHOP], {}, { mode: 'off', committed: [], audit });
  await served.ask('mutation { change }');
  const skipped = 'mutation ($yes: Boolean!) { touch change @include(if: $yes) }';
  expect((await served.ask(skipped, { yes: false }, BEARER)).body).toEqual({ data: { touch: 1 } });
  expect(await written()).toEqual([]);
  for (let count = 0; count < 3; count += 1) {
    const { body } = await served.ask('mutation { touch changed: change }', {}, BEARER);
    expect(body.errors).toMatchObject([{ path: ['changed'], extensions: { code: 'FORBIDDEN' } }]);
  }
  expect(await written()).toMatchObject([
    { actor: 'user:operator', action: 'change', outcome: 'REFUSED', from: '127.0.0.1' },
  ]);
  await served.clock.advance(60_000);
  await served.ask('mutation { change }', {}, BEARER);
  expect(await written()).toHaveLength(2);
  rmSync(folder, { recursive: true, force: true });
});
