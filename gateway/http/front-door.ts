import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { BudgetState, Budgets } from '../cost/budgets.ts';
import { setBudgetHeaders } from './budget-headers.ts';
import { clientAddress, noteClientAddress, type TrustedProxies } from './client-address.ts';
import { answerPreflight, isPreflight, type Origins, openTo } from './cross-origin.ts';
import type { Handler } from './handler.ts';
import { HEADER_LENGTH_MAX, hasLongHeader } from './long-header.ts';
import { sendProblem } from './problem.ts';
import { whenWrong } from './told-response.ts';

export interface FrontDoorOptions {
  readonly proxies: TrustedProxies;
  readonly budgets: Budgets;
  /** Whose pages may read the API. */
  readonly origins: Origins;
}

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** What every request passes first, whatever it asks for: it learns the client's address, and counts. */
export interface FrontDoor {
  handler(inner: Handler): Handler;
  upgrade(inner: Upgrade): Upgrade;
}

export function frontDoor({ proxies, budgets, origins }: FrontDoorOptions): FrontDoor {
  const address = (request: IncomingMessage): string => {
    noteClientAddress(request, proxies);
    return clientAddress(request) ?? '';
  };
  const enter = (inner: Handler, { request, response, from }: Knock, state?: BudgetState): void | Promise<void> => {
    if (state && !state.allowed) return refuse(response, state);
    if (isPreflight(request)) return answerPreflight(response);
    // What cannot be fined is let go: whoever knocks next hears why.
    if (state) whenWrong(response, () => void Promise.resolve(budgets.fine(from)).catch(() => undefined));
    return hasLongHeader(request) ? refuseHead(response) : inner(request, response);
  };
  return {
    handler: (inner) => (request, response) => {
      openTo(origins, request, response);
      const knock: Knock = { request, response, from: address(request) };
      const known = budgets.knock(knock.from);
      return known instanceof Promise ? known.then((state) => enter(inner, knock, state)) : enter(inner, knock, known);
    },
    upgrade: (inner) => (request, socket, head) => {
      const decide = (state: BudgetState | undefined): void => {
        if (state && !state.allowed) socket.end(refusedUpgrade(state));
        else if (hasLongHeader(request)) socket.end(UPGRADE_WITH_LONG_HEADER);
        else inner(request, socket, head);
      };
      const known = budgets.knock(address(request));
      if (known instanceof Promise) known.then(decide, () => socket.destroy());
      else decide(known);
    },
  };
}

const UPGRADE_WITH_LONG_HEADER =
  'HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

function refuseHead(response: ServerResponse): void {
  sendProblem(response, 431, {
    title: 'A header is too long.',
    detail: `At most ${HEADER_LENGTH_MAX} characters.`,
    code: 'TOO_COSTLY',
  });
}

interface Knock {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly from: string;
}

function refusedUpgrade({ retryAfterS }: BudgetState): string {
  return `HTTP/1.1 429 Too Many Requests\r\nRetry-After: ${retryAfterS}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}

function refuse(response: ServerResponse, state: BudgetState): void {
  setBudgetHeaders(response, state);
  sendProblem(response, 429, {
    title: 'Too many requests.',
    detail: `${state.limit} a minute from one address; try again in ${state.retryAfterS} s.`,
    code: 'RATE_LIMITED',
  });
}
