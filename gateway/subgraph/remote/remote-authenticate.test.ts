import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { AppError } from '@greencity/platform/errors';
import { signingSecrets } from '@greencity/platform/graphql/gateway-token';
import type { Authenticate } from '@greencity/platform/graphql/port';
import { serveAuthentication } from '@greencity/platform/graphql/serve-authentication';
import { userViewer } from '@greencity/platform/graphql/viewer';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { expect, it } from 'vitest';
import { NOW_MS, testToken } from '../../fixtures/served.ts';
import { openRemoteAuthenticate } from './remote-authenticate.ts';

const secrets = signingSecrets('a secret that only the two of them know', 'test');

/** A gateway's way of asking, and how often the other process was asked. */
async function withRemote(
  use: (ask: Authenticate, world: { clock: ReturnType<typeof manualClock>; asked: () => number }) => Promise<void>,
): Promise<void> {
  const clock = manualClock(NOW_MS);
  let asked = 0;
  const authenticate: Authenticate = async (token = '') => {
    asked += 1;
    const { sub, exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    if (exp * 1_000 <= clock.nowMs()) throw new AppError('UNAUTHENTICATED', 'the access token has expired');
    return userViewer(sub, 'CITIZEN');
  };
  const serve = serveAuthentication({ authenticate, audience: 'devices', secrets, clock, log: memoryLog() });
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    await using remote = openRemoteAuthenticate({ url, audience: 'devices', secrets, clock });
    await use(remote.authenticate, { clock, asked: () => asked });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

it('takes what it was told of a token as it was for five seconds, and not beyond the end of the token', () =>
  withRemote(async (ask, { clock, asked }) => {
    const [long, short] = [testToken('ann'), testToken('bob', NOW_MS + 2_000)];
    for (const token of [long, short, long, short]) expect(await ask(token)).toMatchObject({ role: 'CITIZEN' });
    expect(asked()).toBe(2);
    await clock.advance(2_000);
    await expect(ask(short)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await ask(long);
    expect(asked()).toBe(3);
    await clock.advance(3_000);
    await ask(long);
    expect(asked()).toBe(4);
  }));
