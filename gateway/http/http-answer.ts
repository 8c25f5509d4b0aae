import type { ServerResponse } from 'node:http';
import { tellsWhenToCome } from './budget-headers.ts';

/** An answer as it goes out, but for what its receiver's rights and budget add to the headers. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export const OK = 200;

/** Sends an answer as it is. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  // What a budget said of the time to wait is more exact.
  const told = 'retry-after' in headers && tellsWhenToCome(response) ? withoutRetryAfter(headers) : headers;
  response.writeHead(status, told);
  response.end(body);
}

function withoutRetryAfter({ 'retry-after': _, ...others }: HttpAnswer['headers']): HttpAnswer['headers'] {
  return others;
}
