/** Which kind of attack was tried on which way in, and how another client fared: or why it cannot be said there. */
import { table } from './table.ts';

/** The 99th percentile of another client under one attack. */
export interface Fared {
  readonly name: string;
  readonly path: string;
  readonly p99Ms: number;
}

/** Ways in; `HTTP` is of all but WebSocket, for what is done before anybody knows which. */
const PATHS = ['POST', 'GET', 'GET by id', 'WebSocket', 'events', 'multipart', 'REST', 'HTTP'] as const;
type Path = (typeof PATHS)[number];

const WHY = {
  a: 'the text is registered: none comes from the client',
  b: 'nothing of that kind is sent there',
  c: 'read by the same lines as for POST, before anything else',
  d: 'refused on every way by the same lines, the table above says how',
  e: 'tried on each way that differs',
  f: 'no ETag there',
  g: 'no HTTP once it is open',
} as const;
type Reason = keyof typeof WHY;

interface Kind {
  readonly name: string;
  /** Attacks of this kind, by how their names begin. */
  readonly attacks: readonly string[];
  readonly unsaid: Partial<Record<Path, Reason>>;
}

const ALL = { HTTP: 'e' } as const;
const ON_POST = {
  GET: 'c',
  'GET by id': 'c',
  WebSocket: 'c',
  events: 'c',
  multipart: 'c',
  REST: 'c',
  HTTP: 'e',
} as const;
const ON_REST = { POST: 'e', GET: 'e', 'GET by id': 'e', WebSocket: 'g', events: 'e', multipart: 'e' } as const;
const ON_HTTP = { ...ON_REST, REST: 'e' } as const;
const ON_SOCKETS = {
  POST: 'b',
  GET: 'b',
  'GET by id': 'b',
  events: 'b',
  multipart: 'b',
  REST: 'b',
  HTTP: 'b',
} as const;

const KINDS: readonly Kind[] = [
  { name: 'hostile operations, hostile values', attacks: ['hostile'], unsaid: ALL },
  { name: 'valid ones, each another', attacks: ['valid'], unsaid: ALL },
  {
    name: 'the dearest valid ones',
    attacks: ['the dearest', 'maps of', 'boxes around', 'series as', 'the same as CSV', 'exports'],
    unsaid: { ...ALL, 'GET by id': 'a' },
  },
  { name: 'the whole schema', attacks: ['introspection', 'the OpenAPI'], unsaid: { ...ALL, 'GET by id': 'a' } },
  { name: 'ids that nobody has', attacks: ['ids that nobody'], unsaid: ALL },
  { name: 'long values', attacks: ['variables of', 'values as long', 'bodies of 200'], unsaid: ALL },
  { name: 'a long text', attacks: ['text of'], unsaid: { ...ALL, 'GET by id': 'a', REST: 'a' } },
  {
    name: 'deep JSON',
    attacks: ['JSON '],
    unsaid: { ...ALL, GET: 'd', WebSocket: 'd', events: 'c', multipart: 'c' },
  },
  {
    name: 'large bodies',
    attacks: ['bodies of 4', 'a message of 1', 'a body of 200'],
    unsaid: { ...ALL, GET: 'b', 'GET by id': 'b', events: 'c', multipart: 'c' },
  },
  {
    name: 'parameters without end',
    attacks: ['thousands of parameters', 'one parameter'],
    unsaid: { ...ALL, POST: 'b', GET: 'e', WebSocket: 'b', events: 'b', multipart: 'b' },
  },
  {
    name: 'lists of operations',
    attacks: ['batches'],
    unsaid: { ...ALL, GET: 'b', 'GET by id': 'b', WebSocket: 'd', events: 'c', multipart: 'c', REST: 'b' },
  },
  { name: 'forged tokens, guessed keys and passwords', attacks: ['forged', 'guessed'], unsaid: ON_POST },
  {
    name: 'conditions that never hold',
    attacks: ['conditions'],
    unsaid: { ...ALL, POST: 'f', GET: 'f', WebSocket: 'f', events: 'f', multipart: 'f' },
  },
  {
    name: 'heads of a thousand lines, other methods',
    attacks: ['heads of', 'HEAD of', 'OPTIONS'],
    unsaid: { ...ON_REST, HTTP: 'e' },
  },
  {
    name: 'requests in one write, slow senders, unread answers',
    attacks: ['20 ×', 'heads', 'bodies', 'idle', 'large answers'],
    unsaid: ON_HTTP,
  },
  {
    name: 'chunks, lengths, trailers and headers without end',
    attacks: ['chunk', 'a chunk', 'trailers', 'lengths', 'what is no', 'long headers', 'thousands of proxies'],
    unsaid: ON_HTTP,
  },
  {
    name: 'what nobody waits for or reads',
    attacks: ['dear operations', '16 dear', 'exports of those'],
    unsaid: { ...ON_HTTP, REST: 'e' },
  },
  {
    name: 'slow readers of a stream',
    attacks: ['slow readers'],
    unsaid: { ...ALL, POST: 'e', GET: 'e', 'GET by id': 'e' },
  },
  {
    name: 'floods of connections, messages and frames',
    attacks: [
      '300 connections',
      'connections',
      '400',
      'connection_init',
      'messages',
      'pings',
      'frames',
      'ids that are',
      'text that',
      'a message in',
    ],
    unsaid: ON_SOCKETS,
  },
];

/** Kinds of attacks by ways in, with the worst p99 of each in ms; and which of them were neither tried nor can be left out. */
export function matrix(results: readonly Fared[]): { readonly text: string; readonly untried: readonly string[] } {
  const untried: string[] = [];
  const rows = KINDS.map(({ name, attacks, unsaid }) => {
    const cells = PATHS.map((path) => {
      const of = results.filter(
        (result) => result.path === path && attacks.some((begin) => result.name.startsWith(begin)),
      );
      if (of.length > 0) return Math.max(...of.map(({ p99Ms }) => p99Ms)).toFixed(0);
      if (unsaid[path] === undefined) untried.push(`${name} by ${path}`);
      return unsaid[path] ?? '?';
    });
    return [name, ...cells, ''];
  });
  const legend = Object.entries(WHY).map(([letter, why]) => `${letter}: ${why}`);
  const ofDevices = Math.max(...results.filter(({ path }) => path === 'MQTT').map(({ p99Ms }) => p99Ms));
  const devices = `Over MQTT, by devices and strangers: ${ofDevices.toFixed(0)} ms at worst.`;
  return { text: `${table(['p99 in ms', ...PATHS, ''], rows)}\n\n${legend.join('; ')}.\n${devices}`, untried };
}
