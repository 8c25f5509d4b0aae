/** Subgraphs of this process served to gateways in others; and the port of a process that serves none. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Devices } from '@greencity/devices/service';
import { guarded, type Handler, onlyGet, pathOf, sendKeySet } from '@greencity/gateway/http/handler';
import { healthRoutes } from '@greencity/gateway/http/health';
import { notFound } from '@greencity/gateway/http/problem';
import type { SigningSecrets } from '@greencity/platform/graphql/gateway-token';
import { serveAuthentication } from '@greencity/platform/graphql/serve-authentication';
import { serveSubgraph } from '@greencity/platform/graphql/serve-subgraph';
import { AUTHENTICATE_PATH, subgraphPath } from '@greencity/platform/graphql/subgraph-wire';
import type { Basics } from './adapters.ts';
import type { WayIn } from './gateway-role.ts';
import type { Parts } from './parts.ts';
import { readiness } from './readiness.ts';

/** Health, and with `secrets` the subgraphs. The public keys of tokens are open: they are public. */
export function openSubgraphRole(
  parts: Parts,
  secrets: SigningSecrets | undefined,
  basics: Basics,
  stack: AsyncDisposableStack,
): WayIn {
  const { clock, log, metrics } = basics;
  const served = new Map(
    (secrets ? parts.subgraphs : []).map((subgraph) => [
      subgraphPath(subgraph.name),
      serveSubgraph({ subgraph, secrets: secrets as SigningSecrets, clock, log, metrics }),
    ]),
  );
  const exact: Record<string, Handler> = Object.assign(
    Object.create(null),
    healthRoutes({ ...basics, ready: readiness(parts, basics, stack), elsewhere: parts.elsewhere }),
    Object.fromEntries([...served].map(([path, { handle }]) => [path, handle])),
    secrets && parts.devices ? identityRoutes(parts.devices, secrets, basics) : {},
  );
  return {
    handler: guarded(log, (request, response) =>
      (exact[pathOf(request)] ?? ((_, missing) => notFound(missing)))(request, response),
    ),
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
      const subgraph = served.get(pathOf(request));
      if (subgraph) subgraph.upgrade(request, socket, head);
      else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    },
    async closing() {
      await Promise.all([...served.values()].map((subgraph) => subgraph.close()));
    },
  };
}

function identityRoutes(devices: Devices, secrets: SigningSecrets, { clock, log }: Basics): Record<string, Handler> {
  const { authenticate } = devices;
  return {
    [AUTHENTICATE_PATH]: serveAuthentication({ authenticate, audience: 'devices', secrets, clock, log }),
    '/.well-known/jwks.json': onlyGet((_, response) => sendKeySet(response, devices.jwks())),
  };
}
