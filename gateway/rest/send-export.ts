import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex, Writable } from 'node:stream';
import { AppError } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';
import type { GraphQLError } from 'graphql';
import type { Graph } from '../graph.ts';
import { codingFor, codingStream } from '../http/content-coding.ts';
import { ask, type Call, CSV_TYPE } from './call.ts';
import { csvHead, valueAt } from './columns.ts';
import { exported, TooLong } from './export.ts';
import { type Refusal, refusal, refusalOf } from './refusal.ts';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface ExportDependencies {
  /** The graph that is served now. */
  readonly graph: () => Graph;
  readonly log: Logger;
}

/** CSV of any length, written as fast as the client reads. A fault on the way ends the connection, so that nobody takes a part for the whole. */
export async function sendExport(
  { graph, log }: ExportDependencies,
  call: Call,
  exchange: Exchange,
): Promise<Refusal | undefined> {
  const { endpoint, variables } = call;
  const { response } = exchange;
  if (!endpoint.table) throw new Error('expected an endpoint with a table');
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  let refused: GraphQLError | undefined;
  const rows = exported(endpoint, variables, async (windowed) => {
    const { data, errors } = await ask(graph(), { ...call, gone: gone.signal }, { variables: windowed });
    [refused] = errors;
    if (refused?.extensions['code'] === 'SERIES_TOO_LONG') throw new TooLong('too long');
    if (refused) throw new AppError('UNAVAILABLE', refused.message);
    if (valueAt(data, endpoint.result) === null) throw new AppError('NOT_FOUND', 'there is no such thing');
    return data;
  });
  try {
    await write(rows, exchange, { name: endpoint.operation.name, head: csvHead(endpoint.table), gone: gone.signal });
    return undefined;
  } catch (error) {
    if (gone.signal.aborted) return undefined;
    if (response.headersSent) {
      log.warn({ operation: endpoint.operation.name, error }, 'an export broke off');
      response.destroy();
      return undefined;
    }
    if (refused) return refusalOf(endpoint, refused);
    if (error instanceof AppError) return refusal(404, 'There is no such thing.', { code: error.code });
    throw error;
  }
}

/** Writes the rows in the coding that the client would rather have. The head waits for the first of them: until then it can be refused. */
async function write(
  rows: AsyncGenerator<string>,
  { request, response }: Exchange,
  { name, head, gone }: { readonly name: string; readonly head: string; readonly gone: AbortSignal },
): Promise<void> {
  let chunk = await rows.next();
  const coding = codingFor(request.headers['accept-encoding']);
  response.writeHead(200, {
    'content-type': `${CSV_TYPE}; charset=utf-8; header=present`,
    'content-disposition': `attachment; filename="${name}.csv"`,
    'cache-control': 'no-store',
    vary: 'Accept-Encoding',
    ...(coding === undefined ? {} : { 'content-encoding': coding }),
  });
  if (request.method === 'HEAD') return void response.end();
  const out = coding === undefined ? response : through(codingStream(coding), response);
  out.write(head);
  while (!chunk.done && !gone.aborted) {
    if (!out.write(chunk.value)) await drained(out, gone);
    chunk = await rows.next();
  }
  if (!gone.aborted) out.end();
}

/** What is written to the stream goes to the response, and ends with it. */
function through(stream: Duplex, response: ServerResponse): Duplex {
  stream.once('error', () => response.destroy());
  response.once('close', () => stream.destroy());
  stream.pipe(response);
  return stream;
}

function drained(out: Writable, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (gone.aborted) return resolve();
    out.once('drain', resolve);
    gone.addEventListener('abort', () => resolve(), { once: true });
  });
}
