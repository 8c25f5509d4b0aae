import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../errors.ts';
import type { Logger } from '../log/port.ts';
import type { GatewayVerifier, SignedRequest } from './gateway-token.ts';
import { JSON_TYPE } from './subgraph-wire.ts';

export interface SignedGuard {
  readonly verifier: GatewayVerifier;
  readonly log: Logger;
  /** A request was not the gateway's. */
  readonly refused: () => void;
}

export interface SignedBody {
  readonly body: string;
  readonly signed: SignedRequest;
}

/** Representations of many entities at once, and no more. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** Reads a POST that the gateway signed; undefined when it was something else and has been answered. */
export async function readSigned(
  request: IncomingMessage,
  response: ServerResponse,
  { verifier, log, refused }: SignedGuard,
): Promise<SignedBody | undefined> {
  if (request.method !== 'POST') {
    answerJson(response, 405, problem('POST only'));
    return undefined;
  }
  const body = await bodyText(request);
  if (body === undefined) {
    answerJson(response, 413, problem(`at most ${BODY_BYTES_MAX} bytes`));
    return undefined;
  }
  try {
    return { body, signed: verifier.verify(bearerOf(request), body) };
  } catch (error) {
    refused();
    if (!(error instanceof AppError)) throw error;
    log.warn({ error }, 'a request that the gateway has not signed was refused');
    answerJson(response, 401, problem(error.message, error.code));
    return undefined;
  }
}

function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
}

async function bodyText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString();
}

/** A refusal in the form of GraphQL. */
export function problem(message: string, code = 'BAD_USER_INPUT'): string {
  return JSON.stringify({ errors: [{ message, extensions: { code } }] });
}

export function answerJson(response: ServerResponse, status: number, text: string): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, { 'content-type': JSON_TYPE, 'content-length': bytes.length });
  response.end(bytes);
}
