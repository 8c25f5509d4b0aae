import { manualClock } from '@greencity/platform/clock/manual-clock';
import { AppError } from '@greencity/platform/errors';
import type { Authenticate } from '@greencity/platform/graphql/port';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { type Gateway, openGateway } from '../gateway.ts';
import { routes } from '../http/routes.ts';
import { openHttpServer } from '../http/server.ts';
import { DEFAULT_SETTINGS, type GatewaySettings } from '../settings.ts';
import { subgraphOf, supergraphOf, type TestSubgraph } from './composed.ts';

export const NOW_MS = Date.UTC(2026, 10, 24);

/** Tokens of tests: `jwt` whose payload is `{sub, exp}`; everything else is refused. */
export const testAuthenticate: Authenticate = async (token) => {
  if (token === undefined) return { kind: 'anonymous' };
  const [head, claims] = token.split('.');
  if (head !== 'test' || claims === undefined) throw new AppError('UNAUTHENTICATED', 'token');
  const { sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string };
  return { kind: 'user', userId: sub, role: 'OPERATOR' };
};

export function testToken(sub: string, expMs = NOW_MS + 600_000): string {
  return `test.${Buffer.from(JSON.stringify({ sub, exp: expMs / 1000 })).toString('base64url')}.x`;
}

export type Served = Awaited<ReturnType<typeof serve>>;

/** A gateway over these subgraphs on a free port, with a clock that the test moves. */
export async function serve(subgraphs: readonly TestSubgraph[], settings: Partial<GatewaySettings> = {}) {
  const clock = manualClock(NOW_MS);
  const log = memoryLog();
  const metrics = memoryMetrics();
  const gateway: Gateway = await openGateway({
    subgraphs: subgraphs.map(subgraphOf),
    supergraphSdl: supergraphOf(subgraphs),
    authenticate: testAuthenticate,
    clock,
    log,
    metrics,
    settings: { ...DEFAULT_SETTINGS, ...settings },
  });
  const handler = routes({ gateway, webFolder: '/nonexistent', metrics, log, ready: {} });
  const server = await openHttpServer({ host: '127.0.0.1', port: 0, handler, upgrade: gateway.upgrade, log });
  const close = async (): Promise<void> => {
    await Promise.all([gateway.close(), server.close()]);
  };
  const url = `http://127.0.0.1:${server.port}`;
  return {
    gateway,
    clock,
    log,
    metrics,
    url,
    wsUrl: `ws://127.0.0.1:${server.port}/graphql`,
    /** Sends an operation by POST. */
    async ask(query: string, variables?: unknown, headers: Record<string, string> = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return { status: response.status, body: JSON.parse(await response.text()) };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
