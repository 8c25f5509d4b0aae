/** Node makes the text of a head in a method that is not in its documents: what we put there must come out on every way to a head. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { describe, expect, it } from 'vitest';
import type { BudgetState } from '../cost/budgets.ts';
import { setBudgetHeaders } from './budget-headers.ts';
import { headText } from './head-text.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { openHttpServer } from './server.ts';
import { assertHeadsAreTold, type ToldResponse } from './told-response.ts';

type Answering = (response: ToldResponse) => void;

/** Everything that is sent to one request, as it is on the wire. */
async function sentTo(answering: Answering, { method = 'GET', headers = '' } = {}): Promise<string> {
  const handler = (_: IncomingMessage, response: ServerResponse) => answering(response as ToldResponse);
  const given = { host: '127.0.0.1', port: 0, handler, upgrade: () => {}, log: memoryLog() };
  await using server = await openHttpServer(given);
  const socket = connect(server.port, '127.0.0.1');
  socket.write(`${method} / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n${headers}\r\n`);
  return await text(socket);
}

interface Head {
  readonly first: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

function headIn(sent: string): Head {
  const end = sent.indexOf('\r\n\r\n');
  const [first = '', ...lines] = sent.slice(0, end).split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
  });
  return { first, headers, body: sent.slice(end + 4) };
}

const named = ({ headers }: Head, name: string) => headers.filter(([key]) => key === name).map(([, value]) => value);

/** Names and values of what every answer says. */
const SAFETY = SECURITY_HEADERS.flatMap((name, index) =>
  index % 2 === 0 ? [[name, SECURITY_HEADERS[index + 1] ?? ''] as const] : [],
);

const SPENT = { allowed: false, limit: 60, remaining: 0, resetS: 60, retryAfterS: 7 };
const LEFT = { allowed: true, limit: 60, remaining: 59, resetS: 1, retryAfterS: 0 };

const withBudget = (response: ToldResponse, state: BudgetState): ToldResponse => {
  setBudgetHeaders(response, state);
  return response;
};

const sentAhead: Answering = (response) => {
  response.setHeader('x-own', 'own').flushHeaders();
  response.end('body');
};

const inPieces: Answering = (response) => {
  response.writeHead(200, { 'x-own': 'own' }).write('bo');
  response.end('dy');
};

describe('a head says what every answer does, once, beside what it says itself', () => {
  it.each<[string, Answering, Partial<Head>, { method?: string; headers?: string }?]>([
    ['of headers by name', (to) => to.writeHead(200, { 'x-own': 'own' }).end('body'), { first: 'HTTP/1.1 200 OK' }],
    ['of a list', (to) => to.writeHead(200, ['x-own', 'own']).end('body'), { first: 'HTTP/1.1 200 OK' }],
    ['of a list in pairs', (to) => to.writeHead(200, [['x-own', 'own']] as never).end('body'), {}],
    ['with words', (to) => to.writeHead(200, 'Fine', { 'x-own': 'own' }).end('body'), { first: 'HTTP/1.1 200 Fine' }],
    ['with words and a list', (to) => to.writeHead(201, 'Fine', ['x-own', 'own']).end('body'), {}],
    ['set before', (to) => to.setHeader('x-own', 'own').writeHead(200).end('body'), {}],
    ['set before, with others', (to) => to.setHeader('x-own', 'own').writeHead(200, { 'x-more': '1' }).end('body'), {}],
    ['set before, with a list', (to) => to.setHeader('x-own', 'own').writeHead(200, ['x-more', '1']).end('body'), {}],
    ['that nobody wrote', (to) => to.setHeader('x-own', 'own').end('body'), { first: 'HTTP/1.1 200 OK' }],
    ['sent ahead', sentAhead, {}],
    ['of a stream', inPieces, {}],
    ['of nothing new', (to) => to.writeHead(304, { 'x-own': 'own' }).end(), { first: 'HTTP/1.1 304 Not Modified' }],
    ['of no content', (to) => to.writeHead(204, { 'x-own': 'own' }).end(), { first: 'HTTP/1.1 204 No Content' }],
    ['for HEAD', (to) => to.writeHead(200, { 'x-own': 'own', 'content-length': 4 }).end(), {}, { method: 'HEAD' }],
    ['of a refusal', (to) => to.writeHead(429, { 'x-own': 'own' }).end('body'), {}],
  ])('%s', async (_, answering, expected, asked) => {
    const head = headIn(await sentTo((response) => answering(withBudget(response, LEFT)), asked));
    expect(head).toMatchObject(expected);
    for (const [name, value] of SAFETY) expect(named(head, name)).toEqual([value]);
    expect(named(head, 'x-own')).toEqual(['own']);
    expect(named(head, 'connection')).toEqual(['close']);
    expect(named(head, 'date')).toHaveLength(1);
    expect(named(head, 'ratelimit-remaining')).toEqual(['59']);
    const names = head.headers.map(([name]) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  it('of a body in one piece and in several, which Node still measures or cuts itself', async () => {
    const whole = headIn(await sentTo((response) => response.end('body')));
    expect([named(whole, 'content-length'), whole.body]).toEqual([['4'], 'body']);
    const pieces = headIn(await sentTo(inPieces));
    expect([named(pieces, 'transfer-encoding'), pieces.body]).toEqual([['chunked'], '2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n']);
  });

  it('after heads that only announce it', async () => {
    const sent = await sentTo((response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' });
      response.writeHead(200).end();
    });
    const [hints = '', ...rest] = sent.split('\r\n\r\n');
    expect(hints).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: /);
    for (const [name, value] of SAFETY) expect(named(headIn(rest.join('\r\n\r\n')), name)).toEqual([value]);
  });

  it('for a client that waits to send its body', async () => {
    const sent = await sentTo((response) => response.writeHead(200).end(), {
      ...{ method: 'POST', headers: 'Expect: 100-continue\r\nContent-Length: 1\r\n' },
    });
    expect(sent).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });
});

describe('what is left of a budget', () => {
  it('is said of what was allowed', async () => {
    const head = headIn(await sentTo((response) => withBudget(response, LEFT).writeHead(200).end()));
    const said = head.headers.filter(([name]) => name.startsWith('ratelimit') || name === 'retry-after');
    expect(Object.fromEntries(said)).toEqual({
      ...{ 'ratelimit-limit': '60', 'ratelimit-policy': '60;w=60' },
      ...{ 'ratelimit-remaining': '59', 'ratelimit-reset': '1' },
    });
  });

  it('is said with the time to come again of what was refused', async () => {
    const head = headIn(await sentTo((response) => withBudget(response, SPENT).writeHead(429).end()));
    expect([named(head, 'ratelimit-remaining'), named(head, 'retry-after')]).toEqual([['0'], ['7']]);
  });

  it('is not said where none is kept', async () => {
    const head = headIn(await sentTo((response) => response.writeHead(200).end()));
    expect(head.headers.filter(([name]) => name.startsWith('ratelimit'))).toEqual([]);
  });
});

describe('nothing else comes into a head', () => {
  it.each<[string, (to: ToldResponse) => unknown]>([
    ['by name', (to) => to.writeHead(200, { 'x-own': 'a\r\nset-cookie: b' })],
    ['in a list', (to) => to.writeHead(200, ['x-own', 'a\r\nset-cookie: b'])],
    ['set before', (to) => to.setHeader('x-own', 'a\r\nset-cookie: b')],
    ['as a name', (to) => to.writeHead(200, { 'x-own: a\r\nset-cookie': 'b' })],
    ['as words', (to) => to.writeHead(200, 'OK\r\nset-cookie: b')],
  ])('from a line break %s', async (_, setting) => {
    const sent = await sentTo((response) => {
      expect(() => setting(response)).toThrow(TypeError);
      response.statusMessage = 'OK';
      response.end();
    });
    expect(sent).not.toContain('cookie');
  });

  it('from what is made ready', () => {
    expect(headText(['a', 'b', 'c', 'd'])).toBe('a: b\r\nc: d\r\n');
    expect(() => headText(['a', 'b\r\nc: d'])).toThrow(TypeError);
    expect(() => headText(['a: b\r\nc', 'd'])).toThrow(TypeError);
  });
});

it('does not serve where Node makes heads another way', () => {
  expect(() => assertHeadsAreTold()).not.toThrow();
  expect(() => assertHeadsAreTold(new ServerResponse(new IncomingMessage(new Socket())))).toThrow(process.version);
});
