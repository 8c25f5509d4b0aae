import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock/port.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../log/port.ts';
import { gatewayVerifier, type SigningSecrets } from './gateway-token.ts';
import type { Authenticate } from './port.ts';
import { answerJson, problem, readSigned } from './signed-requests.ts';

export interface ServeAuthenticationOptions {
  readonly authenticate: Authenticate;
  /** The subgraph that knows who is who. */
  readonly audience: string;
  readonly secrets: SigningSecrets;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Tells a gateway in another process who a bearer token speaks for: `{"token"}` becomes `{"viewer"}` or `{"error"}`. */
export function serveAuthentication(options: ServeAuthenticationOptions) {
  const { authenticate, audience, secrets, clock, log } = options;
  const guard = { verifier: gatewayVerifier(secrets, audience, clock), log, refused: () => undefined };
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const read = await readSigned(request, response, guard);
    if (!read) return;
    const token = tokenIn(read.body);
    if (token === undefined) return answerJson(response, 400, problem('no token'));
    try {
      answerJson(response, 200, JSON.stringify({ viewer: await authenticate(token) }));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code, subject } = error;
      answerJson(response, 200, JSON.stringify({ error: { message: error.message, extensions: { code, subject } } }));
    }
  };
}

function tokenIn(body: string): string | undefined {
  try {
    const { token } = JSON.parse(body) as { token?: unknown };
    return typeof token === 'string' ? token : undefined;
  } catch {
    return undefined;
  }
}
