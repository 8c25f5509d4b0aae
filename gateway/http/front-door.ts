import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Budgets } from '../cost/budgets.ts';
import { setBudgetHeaders } from './budget-headers.ts';
import { clientAddress, noteClientAddress, type TrustedProxies } from './client-address.ts';
import type { Handler } from './handler.ts';
import { sendProblem } from './problem.ts';

export interface FrontDoorOptions {
  readonly proxies: TrustedProxies;
  readonly budgets: Budgets;
}

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** What every request passes first, whatever it asks for: it learns the client's address, and counts. */
export interface FrontDoor {
  handler(inner: Handler): Handler;
  upgrade(inner: Upgrade): Upgrade;
}

export function frontDoor({ proxies, budgets }: FrontDoorOptions): FrontDoor {
  const address = (request: IncomingMessage): string => {
    noteClientAddress(request, proxies);
    return clientAddress(request) ?? '';
  };
  return {
    handler: (inner) => async (request, response) => {
      const from = address(request);
      const state = await budgets.knock(from);
      if (state && !state.allowed) return refuse(response, state);
      if (state) {
        response.once('finish', () => {
          if (wasWrong(response.statusCode)) void budgets.fine(from);
        });
      }
      await inner(request, response);
    },
    upgrade: (inner) => (request, socket, head) => {
      const from = address(request);
      budgets.knock(from).then(
        (state) => {
          if (!state || state.allowed) return inner(request, socket, head);
          socket.end(
            `HTTP/1.1 429 Too Many Requests\r\nRetry-After: ${state.retryAfterS}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
          );
        },
        () => socket.destroy(),
      );
    },
  };
}

function wasWrong(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

function refuse(response: ServerResponse, state: Parameters<typeof setBudgetHeaders>[1]): void {
  setBudgetHeaders(response, state);
  sendProblem(response, 429, {
    title: 'Too many requests.',
    detail: `${state.limit} a minute from one address; try again in ${state.retryAfterS} s.`,
    code: 'RATE_LIMITED',
  });
}
