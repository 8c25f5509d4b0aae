import { type Attack, FLOOD_MS, flood, together, unexpected } from './attack.ts';
import { dearDocument, many } from './documents.ts';
import { AT_A_TIME, LIMITED } from './floods.ts';
import { headOf, type RawConnection, rawConnection, within } from './raw-connections.ts';
import type { Target } from './target.ts';
import { codeOf, connections, send } from './ways-in.ts';

const GRACE_MS = 15_000;
const JSON_TYPE = { 'content-type': 'application/json' };
const CHUNKED = { ...JSON_TYPE, 'transfer-encoding': 'chunked' };
const POST = 'POST /graphql HTTP/1.1';

/** Bytes as they are, and what may become of the connection. */
interface RawBytes {
  readonly name: string;
  readonly host: number;
  readonly connections: number;
  readonly expected: readonly string[];
  bytes(target: Target, host: number): string;
}

/** Connections that write all at once and wait for what comes of it. */
function rawBytes({ name, host, connections: count, expected, bytes }: RawBytes): Attack {
  return {
    name,
    path: 'HTTP',
    async run(target, answers) {
      const each = async (): Promise<void> => {
        const { socket, received, ended } = await rawConnection(target);
        socket.write(bytes(target, host));
        const closed = await within(ended, GRACE_MS);
        answers.add(closed ? `closed ${/^HTTP\/1.1 (\d+)/.exec(received())?.[1] ?? 'in silence'}` : 'still open');
        socket.destroy();
      };
      await Promise.all(Array.from({ length: count }, each));
      return unexpected(answers, expected);
    },
  };
}

const headed = (target: Target, host: number, more: Readonly<Record<string, string>>, body: string) =>
  `${headOf(target, host, POST, more)}\r\n${body}`;
const SILENT = 'closed in silence';

const CHUNKS: readonly Attack[] = [
  rawBytes({
    ...{ name: 'chunks of one byte', host: 230, connections: 20, expected: ['closed 413', 'closed 429', SILENT] },
    bytes: (target, host) => headed(target, host, CHUNKED, '1\r\n \r\n'.repeat(100_000)),
  }),
  rawBytes({
    ...{ name: 'chunks with as much said of each', host: 231, connections: 20 },
    expected: ['closed 400', 'closed 413', 'closed 429', SILENT],
    bytes: (target, host) => headed(target, host, CHUNKED, `1;${'a=b;'.repeat(20)}\r\n \r\n`.repeat(20_000)),
  }),
];

const NONSENSE: readonly Attack[] = [
  rawBytes({
    ...{ name: 'a chunk’s extension without end', host: 232, connections: 20 },
    expected: ['closed 400', 'closed 413', SILENT],
    bytes: (target, host) => headed(target, host, CHUNKED, `1;${'a'.repeat(2_000_000)}`),
  }),
  rawBytes({
    ...{ name: 'trailers without end', host: 233, connections: 20, expected: ['closed 431', SILENT] },
    bytes: (target, host) => headed(target, host, CHUNKED, `2\r\n{}\r\n0\r\n${'x-a: b\r\n'.repeat(200_000)}`),
  }),
  rawBytes({
    ...{ name: 'lengths that are absurd, or two', host: 234, connections: 100 },
    expected: ['closed 400', 'closed 413', SILENT],
    bytes: (target, host) =>
      headed(target, host, { ...JSON_TYPE, 'content-length': '999999999999999999' }, '{'.repeat(10_000)) +
      headed(target, host, { ...CHUNKED, 'content-length': '5' }, '0\r\n\r\n'),
  }),
  rawBytes({
    ...{ name: 'what is no HTTP', host: 235, connections: 200, expected: ['closed 400', SILENT] },
    bytes: () => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'\x16\x03\x01'.repeat(20_000)}`,
  }),
];

const LONG = 3_000;
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { accept: many(LONG, (n) => `a/${n};q=0.5,`) },
  { 'content-type': `application/json;${' charset=utf-8;'.repeat(3_900)}` },
  { 'if-none-match': many(LONG, (n) => `"${n}",`) },
  { authorization: `Bearer ${'.'.repeat(60_000)}` },
];
const PATHS = ['/api/v1/zones', '/graphql?query=%7Bzones%7Bid%7D%7D', '/'];

const LONG_HEADERS: Attack = {
  name: 'long headers: types, conditions and tokens of 60 KB',
  path: 'HTTP',
  async run(target, answers) {
    const agent = connections(AT_A_TIME);
    await flood(answers, {
      atATime: AT_A_TIME,
      once: async (index) => {
        const path = PATHS[index % PATHS.length] ?? '/';
        const headers = { ...HEADERS[index % HEADERS.length], ...target.from(236) };
        const { status, text } = await send(target, { path, headers, agent });
        return `${status} ${codeOf(text)}`;
      },
    });
    agent.destroy();
    return unexpected(answers, ['431 TOO_COSTLY', LIMITED]);
  },
};

const PROXIES: Attack = {
  name: 'thousands of proxies before the client',
  path: 'HTTP',
  async run(target, answers) {
    const agent = connections(AT_A_TIME);
    const before = many(LONG / 5, (n) => `1.2.3.${n % 250},`);
    await flood(answers, {
      atATime: AT_A_TIME,
      once: async () => {
        const headers = { 'apollo-require-preflight': 'yes', 'x-forwarded-for': `${before}203.0.113.240` };
        const { status, text } = await send(target, { path: '/graphql?query=%7Bzones%7Bid%7D%7D', headers, agent });
        return `${status} ${codeOf(text)}`;
      },
    });
    agent.destroy();
    return unexpected(answers, ['200 data', LIMITED]);
  },
};

/** A dear operation, as it is sent. */
function dear(target: Target, host: number, index: number): string {
  const body = JSON.stringify({ query: dearDocument(index) });
  return headed(target, host, { ...JSON_TYPE, 'content-length': `${body.length}` }, body);
}

/** Asks and is gone before there is an answer, again and again. */
const GONE: Attack = {
  name: 'dear operations of those who have gone',
  path: 'HTTP',
  async run(target, answers) {
    const endMs = performance.now() + FLOOD_MS;
    let index = 0;
    const stream = async (): Promise<void> => {
      while (performance.now() < endMs) {
        const { socket } = await rawConnection(target);
        index += 1;
        socket.write(dear(target, 241, index));
        await new Promise((resolve) => setTimeout(resolve, 3));
        socket.resetAndDestroy();
        answers.add('gone');
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, stream));
    return unexpected(answers, ['gone']);
  },
};

/** As many in one write as may be under way, which nobody reads. */
const UNREAD: Attack = {
  name: '16 dear operations in one write, unread',
  path: 'HTTP',
  async run(target, answers) {
    const held: RawConnection[] = [];
    for (let count = 0; count < 10; count += 1) {
      const connection = await rawConnection(target);
      connection.socket.pause();
      connection.socket.write(Array.from({ length: 16 }, (_, index) => dear(target, 242, 16 * count + index)).join(''));
      held.push(connection);
    }
    await new Promise((resolve) => setTimeout(resolve, FLOOD_MS));
    for (const { socket } of held) {
      socket.resume();
      await within(new Promise((resolve) => socket.once('data', resolve)), GRACE_MS);
    }
    for (const { socket, received } of held) {
      answers.add(/^HTTP\/1.1 (\d+)/.exec(received())?.[1] ?? 'nothing');
      socket.destroy();
    }
    return unexpected(answers, ['200', '429']);
  },
};

/** Attacks below what operations are: by how requests are written. */
export const PROTOCOL_FLOODS: readonly Attack[] = [
  ...CHUNKS,
  together('trailers, lengths and what is no HTTP', 'HTTP', NONSENSE),
  ...[LONG_HEADERS, PROXIES, GONE, UNREAD],
];
