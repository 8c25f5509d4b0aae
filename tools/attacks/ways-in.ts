import { Agent, request } from 'node:http';
import WebSocket from 'ws';
import type { Target } from './target.ts';

/** What a client asks for. */
export interface Question {
  readonly query?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly id?: string;
}

/** What came back: an HTTP status, and the text. */
export interface Reply {
  readonly status: number;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

const ANSWER_WITHIN_MS = 60_000;

/** Sends one request and reads the whole answer. Rejects when the connection breaks before it is there. */
export function send(target: Target, { method = 'GET', path, headers = {}, body, agent }: Sent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sending = request(`${target.url}${path}`, { method, headers, ...(agent ? { agent } : {}) }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    sending.setTimeout(ANSWER_WITHIN_MS, () => sending.destroy(new Error('no answer')));
    sending.on('error', reject);
    sending.end(body);
  });
}

/** A pool of connections, as many as an attacker has open at a time. */
export function connections(most: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: most });
}

/** The code of the first error of an answer, in whatever it is wrapped; `data` when there is none. */
export function codeOf(text: string): string {
  return /"code":"(\w+)"/.exec(text)?.[1] ?? (text.includes('"data"') ? 'data' : 'no code');
}

/** One way on which operations come in. */
export interface WayIn {
  readonly name: string;
  /** Bytes that a question may have on this way. */
  readonly bytesMax: number;
  ask(target: Target, question: Question, by: { readonly host: number; readonly agent?: Agent }): Promise<Reply>;
}

const JSON_BODY = { 'content-type': 'application/json' };

function posted(name: string, accept: string): WayIn {
  return {
    name,
    bytesMax: 200 * 1024,
    ask: (target, question, { host, agent }) =>
      send(target, {
        method: 'POST',
        path: '/graphql',
        headers: { ...JSON_BODY, accept, ...target.from(host) },
        body: JSON.stringify(question),
        ...(agent ? { agent } : {}),
      }),
  };
}

const GET: WayIn = {
  name: 'GET',
  bytesMax: 20 * 1024,
  ask(target, { variables, ...named }, { host, agent }) {
    const asked = new URLSearchParams({ ...named, ...(variables ? { variables: JSON.stringify(variables) } : {}) });
    const headers = { 'apollo-require-preflight': 'yes', ...target.from(host) };
    return send(target, { path: `/graphql?${asked}`, headers, ...(agent ? { agent } : {}) });
  },
};

const SOCKET: WayIn = {
  name: 'WebSocket',
  bytesMax: 60 * 1024,
  async ask(target, question, { host }) {
    const socket = new WebSocket(target.socketUrl, 'graphql-transport-ws', { headers: target.from(host) });
    try {
      return await new Promise<Reply>((resolve, reject) => {
        socket.on('error', reject);
        socket.on('unexpected-response', (_, { statusCode = 0 }) =>
          resolve({ status: statusCode, text: `"code":"${statusCode === 429 ? 'RATE_LIMITED' : statusCode}"` }),
        );
        socket.on('close', (code) => resolve({ status: code, text: '' }));
        socket.on('open', () => socket.send('{"type":"connection_init"}'));
        socket.on('message', (data) => {
          const message = JSON.parse(String(data)) as { readonly type: string };
          if (message.type === 'connection_ack')
            socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '', ...question } }));
          else resolve({ status: 200, text: String(data) });
        });
      });
    } finally {
      socket.terminate();
    }
  },
};

/** Every way on which an operation can come. */
export const WAYS_IN: readonly WayIn[] = [
  posted('POST', 'application/json'),
  GET,
  SOCKET,
  posted('events', 'text/event-stream'),
  posted('multipart', 'multipart/mixed;subscriptionSpec=1.0, application/json'),
];
