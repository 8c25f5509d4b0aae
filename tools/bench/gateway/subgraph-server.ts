/**
 * The subgraphs of a world over HTTP, one path each, in a process of their own: `subgraph-server.ts WORLD`. Sends its port. An answer is worked
 * out once and kept by the text of its request, so that the subgraphs cost nothing beside the gateway in front of them.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Subgraph } from '@greencity/platform/graphql/port';
import { graphql } from 'graphql';
import { subgraphsOf } from './world.ts';
import { worldNamed } from './worlds.ts';

const subgraphs = new Map(
  subgraphsOf(worldNamed(process.argv[2] ?? '')).map((subgraph) => [`/${subgraph.name}`, subgraph]),
);
interface GraphQLRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

const answers = new Map<string, Buffer>();
const ANSWERS_MAX = 1_000;

async function answer({ name, sdl, schema }: Subgraph, body: string): Promise<Buffer> {
  const key = `${name}\n${body}`;
  const known = answers.get(key);
  if (known) return known;
  const { query, variables, operationName } = JSON.parse(body) as GraphQLRequest;
  // The library's own answer to this has types in it that Mercurius takes for the whole definition.
  const result = query.includes('_service')
    ? { data: { _service: { sdl } } }
    : await graphql({ schema, source: query, variableValues: variables ?? {}, operationName: operationName ?? null });
  const bytes = Buffer.from(JSON.stringify(result));
  if (answers.size < ANSWERS_MAX) answers.set(key, bytes);
  return bytes;
}

const server = createServer((request, response) => {
  const subgraph = subgraphs.get(request.url ?? '');
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (!subgraph) return void response.writeHead(404).end();
    answer(subgraph, Buffer.concat(chunks).toString()).then(
      (bytes) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
        response.end(bytes);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));
