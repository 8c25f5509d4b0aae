import { manualClock } from '@greencity/platform/clock/manual-clock';
import type { Scope, Viewer } from '@greencity/platform/graphql/port';
import { expect, it } from 'vitest';
import { identify, tokenEnded } from './bearer.ts';

const key = (scopes: readonly Scope[]): Viewer => ({ kind: 'key', keyId: 'k', userId: 'u', scopes });
const LOOK_AGAIN_MS = 30_000;

it('ends what was opened with more than a key may have now, and nothing while it is as it was', async () => {
  const clock = manualClock(0);
  let now = key(['devices:manage', 'devices:own']);
  const ended = { yet: false };
  const ending = tokenEnded(
    { viewer: { ...now, from: '192.0.2.7' }, token: 'gc_live_x', expiresMs: undefined },
    { authenticate: async () => now, clock, signal: new AbortController().signal },
  ).then(() => {
    ended.yet = true;
  });
  await clock.advance(2 * LOOK_AGAIN_MS);
  expect(ended.yet).toBe(false);
  now = key(['devices:own']);
  await clock.advance(LOOK_AGAIN_MS);
  await ending;
  expect(ended.yet).toBe(true);
});

it.each(['test.token.x', 'Basic YTpi', 'Bearer', 'Bearer a b', 'Token test.token.x', ' ', 7, {}, true])(
  'lets nobody in by %j, which is no bearer’s: its end would be watched by nobody',
  async (authorization) => {
    const authenticate = async (): Promise<Viewer> => key(['devices:own']);
    await expect(identify(authenticate, authorization, undefined)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  },
);

it.each([undefined, null, ''])('takes %j for nobody', async (authorization) => {
  const authenticate = async (token?: string): Promise<Viewer> =>
    token === undefined ? { kind: 'anonymous' } : key(['devices:own']);
  expect((await identify(authenticate, authorization, undefined)).viewer).toEqual({ kind: 'anonymous' });
});
