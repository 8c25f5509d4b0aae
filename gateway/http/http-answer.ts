import type { ServerResponse } from 'node:http';
import { tellsWhenToCome } from './budget-headers.ts';
import { type ContentCoding, coded, codingFor, ONCE_BYTES_MIN } from './content-coding.ts';

/** An answer as it goes out, but for what its receiver's rights and budget add to the headers. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export const OK = 200;

/** Sends an answer as it is; a long one in the coding that the client would rather have. */
export function sendAnswer(response: ServerResponse, answer: HttpAnswer): void | Promise<void> {
  const { headers, body } = answer;
  // What a budget said of the time to wait is more exact.
  const told = 'retry-after' in headers && tellsWhenToCome(response) ? withoutRetryAfter(headers) : headers;
  const coding = body.length < ONCE_BYTES_MIN ? undefined : codingFor(response.req.headers['accept-encoding']);
  const form = coding === undefined ? undefined : coded(body, coding);
  const write = (bytes: Buffer | undefined): void => {
    response.writeHead(answer.status, bytes && coding ? inCoding(told, bytes, coding) : told);
    response.end(bytes ?? body);
  };
  return form instanceof Promise ? form.then(write) : write(form);
}

function inCoding(headers: HttpAnswer['headers'], bytes: Buffer, coding: ContentCoding): HttpAnswer['headers'] {
  return { ...headers, 'content-length': String(bytes.length), 'content-encoding': coding, vary: 'Accept-Encoding' };
}

function withoutRetryAfter({ 'retry-after': _, ...others }: HttpAnswer['headers']): HttpAnswer['headers'] {
  return others;
}
