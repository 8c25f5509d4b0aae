import { readFileSync } from 'node:fs';
import { aFolder } from '@greencity/devices/fixtures/folder';
import { REGISTER } from '@greencity/devices/fixtures/operations';
import { OPERATOR, openWorld, type World } from '@greencity/devices/fixtures/platform';
import type { Viewer } from '@greencity/platform/graphql/port';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MATRIX_PATH, OUTCOMES } from './access-matrix.ts';
import { OWNERSHIP, OWNERSHIP_VIEWERS, type OwnershipRow, ownershipText } from './ownership.ts';

/** A try to claim is free again after this time. */
const CLAIM_AGAIN_MS = 600_000;
const open = new AsyncDisposableStack();
let world: World;
let homes = 0;
beforeAll(async () => {
  world = open.use(await openWorld(open.use(aFolder()).path));
  await claimed('flat-1', OWNERSHIP_VIEWERS['another owner']);
});
afterAll(() => open.disposeAsync());

/** A private home that this person has claimed. */
async function claimed(id: string, owner: Viewer): Promise<string> {
  await world.ask(REGISTER, {
    input: {
      ...{ id, name: id, locationPrivacy: 'ROUNDED', devEui: `00112233445566${String(homes).padStart(2, '0')}` },
      location: { latitude: 57.145_123, longitude: -2.100_765, altitude: 31 },
    },
  });
  const { createClaimCode } = await world.ask<{ createClaimCode: { code: string } }>(
    'mutation ($id: ID!) { createClaimCode(deviceId: $id) { code } }',
    { id },
    OPERATOR,
  );
  await world.clock.advance(CLAIM_AGAIN_MS);
  await world.ask('mutation ($code: String!) { claimDevice(code: $code) { id } }', createClaimCode, owner);
  return id;
}

/** What one viewer gets of a device of its own, which no other has changed. */
async function outcome({ operation, shown }: OwnershipRow, viewer: Viewer): Promise<string> {
  homes += 1;
  const id = await claimed(`home-${homes}`, OWNERSHIP_VIEWERS['the owner']);
  const { code } = await world.refused(operation, { id }, viewer);
  if (code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') return OUTCOMES[code];
  if (code !== undefined) return String(code);
  return shown ? shown((await world.ask(operation, { id }, viewer)) as never) : OUTCOMES.allowed;
}

describe('what depends on whose device it is', () => {
  it.each(OWNERSHIP)('$field is for whom the matrix says', async (row) => {
    const found: string[] = [];
    for (const viewer of Object.values<Viewer>(OWNERSHIP_VIEWERS)) found.push(await outcome(row, viewer));
    expect(found).toEqual(row.outcomes);
  });

  it('stands in the matrix that is checked in', () => {
    expect(readFileSync(new URL(`../../${MATRIX_PATH}`, import.meta.url), 'utf8')).toContain(ownershipText());
  });
});
