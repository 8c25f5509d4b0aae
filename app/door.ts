/** The port of a process, open from its first moment: while it starts it says what it waits for, and puts everything else off. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { guarded, type Handler, pathOf } from '@greencity/gateway/http/handler';
import { healthRoutes, type ReadinessCheck } from '@greencity/gateway/http/health';
import { sendProblem } from '@greencity/gateway/http/problem';
import { type HttpServer, openHttpServer } from '@greencity/gateway/http/server';
import type { AppError } from '@greencity/platform/errors';
import type { Basics } from './adapters.ts';
import type { WayIn } from './gateway-role.ts';

const PUT_OFF = 503;
const RETRY_AFTER_S = '1';

export interface Door extends HttpServer {
  /** From now on this answers. */
  lead(to: WayIn): void;
}

export interface DoorOptions extends Basics {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** What is waited for, and why. */
  readonly waiting: ReadonlyMap<string, AppError>;
}

/** Opens the port. @throws AppError PORT_IN_USE, BAD_SETTING */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { host, port, log } = options;
  const starting = startingHandler(options);
  let wayIn: WayIn | undefined;
  const server = await openHttpServer({
    ...{ host, port, log },
    handler: (request, response) => (wayIn?.handler ?? starting)(request, response),
    upgrade: (...asked) => (wayIn?.upgrade ?? putOffUpgrade)(...asked),
    closing: async () => await wayIn?.closing(),
  });
  return {
    ...server,
    lead(to) {
      wayIn = to;
    },
  };
}

function startingHandler({ waiting, ...basics }: DoorOptions): Handler {
  const health = healthRoutes({
    ...basics,
    get ready() {
      return checksOf(waiting);
    },
  });
  return guarded(basics.log, (request, response) => {
    const route = Object.hasOwn(health, pathOf(request)) ? health[pathOf(request)] : undefined;
    if (route) return route(request, response);
    const problem = { title: 'This process is starting.', code: 'UNAVAILABLE' };
    sendProblem(response, PUT_OFF, { ...problem, headers: { 'retry-after': RETRY_AFTER_S } });
  });
}

function checksOf(waiting: ReadonlyMap<string, AppError>): Readonly<Record<string, ReadinessCheck>> {
  const start = () => {
    throw new Error('this process is starting');
  };
  const awaited = [...waiting].map(([name, error]) => {
    const check = () => {
      throw error;
    };
    return [name, check] as const;
  });
  return { start, ...Object.fromEntries(awaited) };
}

function putOffUpgrade(_: IncomingMessage, socket: Duplex): void {
  socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}
