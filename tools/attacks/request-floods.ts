import { randomBytes, randomUUID } from 'node:crypto';
import { type Attack, flood, missing, unexpected } from './attack.ts';
import { dearDocument, freshDocument, HOSTILE_DOCUMENTS, INTROSPECTION_QUERY } from './documents.ts';
import { AT_A_TIME, askedFlood, LIMITED, requestFlood } from './floods.ts';
import { HERE } from './target.ts';
import { codeOf, connections, type Question, WAYS_IN, type WayIn } from './ways-in.ts';

const REFUSALS = ['GRAPHQL_VALIDATION_FAILED', 'TOO_COSTLY', 'BAD_USER_INPUT', 'RATE_LIMITED'];

/** Every hostile operation, one after the other, from one address. A program on this machine is limited where a setting says so. */
function hostileFlood(way: WayIn, { host, limited }: { readonly host: number; readonly limited: boolean }): Attack {
  const asked = HOSTILE_DOCUMENTS.filter(({ query }) => query.length <= way.bytesMax);
  return {
    name: host === HERE ? 'hostile operations from this machine' : 'hostile operations',
    path: way.name,
    async run(target, answers) {
      const agent = connections(AT_A_TIME);
      await flood(answers, {
        atATime: AT_A_TIME,
        must: limited ? 'RATE_LIMITED' : undefined,
        once: async (index) => {
          const { name: _, code: __, ...question } = asked[index % asked.length] ?? { name: '', code: '' };
          return codeOf((await way.ask(target, question, { host, agent })).text);
        },
      });
      agent.destroy();
      const wrong = unexpected(answers, [...REFUSALS, 'cut']);
      return wrong ?? (limited ? missing(answers, 'RATE_LIMITED') : undefined);
    },
  };
}

const JSON_BODY = { 'content-type': 'application/json', accept: 'application/json' };

function posted(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return { method: 'POST', path: '/graphql', headers: { ...JSON_BODY, ...headers }, body: JSON.stringify(body) };
}

const OPERATIONS: readonly Attack[] = [
  requestFlood(
    { name: 'valid operations, each another', path: 'POST', host: 20, expected: ['200 data', LIMITED] },
    (index) => posted({ query: freshDocument(index) }),
  ),
  requestFlood(
    { name: 'the dearest valid operations', path: 'POST', host: 21, expected: ['200 data', LIMITED], must: LIMITED },
    (index) => posted({ query: dearDocument(index) }),
  ),
  requestFlood(
    { name: 'introspection', path: 'POST', host: 22, expected: ['200 data', LIMITED], must: LIMITED },
    (index) => posted({ query: `${INTROSPECTION_QUERY} #${index}` }),
  ),
  requestFlood(
    {
      name: 'ids that nobody registered',
      path: 'GET by id',
      host: 23,
      expected: ['404 PERSISTED_QUERY_NOT_FOUND', LIMITED],
      must: LIMITED,
    },
    () => ({ path: `/graphql/${randomBytes(32).toString('hex')}` }),
  ),
  requestFlood({ name: 'batches', path: 'POST', host: 24, expected: ['400 BAD_REQUEST', LIMITED], must: LIMITED }, () =>
    posted(Array.from({ length: 500 }, () => ({ query: '{zones{id}}' }))),
  ),
];

const BODIES: readonly Attack[] = [
  requestFlood(
    { name: 'variables of 200 KB', path: 'POST', host: 30, expected: ['200 data', '400 TOO_COSTLY', LIMITED] },
    (index) =>
      posted({
        query: 'query($id:ID!){device(id:$id){id}}',
        variables: { id: `${index}`.repeat(50_000).slice(0, 100_000), unused: 'x'.repeat(100_000) },
      }),
  ),
  requestFlood(
    {
      name: 'variables of ten thousand unknown fields',
      path: 'POST',
      host: 34,
      expected: ['400 BAD_USER_INPUT', LIMITED],
    },
    (index) =>
      posted({
        query: 'mutation($input:RegisterDeviceInput!){registerDevice(input:$input){device{id}}}',
        variables: { input: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`${index}name${n}`, n])) },
      }),
  ),
  requestFlood(
    { name: 'text of 200 KB', path: 'POST', host: 31, expected: ['200 data', '400 TOO_COSTLY', LIMITED] },
    (index) => posted({ query: `{device(id:"${index}${'x'.repeat(200_000)}"){id}}` }),
  ),
  requestFlood(
    {
      name: 'JSON 100,000 levels deep',
      path: 'POST',
      host: 32,
      expected: ['400 no code', '400 BAD_REQUEST', '400 BAD_USER_INPUT', LIMITED],
    },
    () => ({
      method: 'POST',
      path: '/graphql',
      headers: JSON_BODY,
      body: `{"query":"query($id:ID!){device(id:$id){id}}","variables":{"id":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
    }),
  ),
  requestFlood(
    { name: 'bodies of 4 MB', path: 'POST', host: 33, expected: ['413 TOO_COSTLY', 'cut', LIMITED] },
    () => ({ method: 'POST', path: '/graphql', headers: JSON_BODY, body: Buffer.alloc(4 * 1024 * 1024, 0x20) }),
  ),
];

/** A token in the right form that nobody signed. */
function forgedToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: randomUUID(), scope: 'admin:*', exp: Math.floor(Date.now() / 1000) + 600 };
  return `${part({ alg: 'EdDSA', typ: 'at+jwt', kid: randomUUID() })}.${part(claims)}.${randomBytes(64).toString('base64url')}`;
}

const GUESSES: readonly Attack[] = [
  requestFlood(
    { name: 'forged tokens', path: 'POST', host: 50, expected: ['401 UNAUTHENTICATED', LIMITED], must: LIMITED },
    () => posted({ query: '{viewer{id}}' }, { authorization: `Bearer ${forgedToken()}` }),
  ),
  requestFlood(
    { name: 'guessed API keys', path: 'POST', host: 51, expected: ['401 UNAUTHENTICATED', LIMITED], must: LIMITED },
    () =>
      posted(
        { query: '{viewer{id}}' },
        { 'x-api-key': `gc_live_${randomBytes(8).toString('hex')}_${randomBytes(32).toString('base64url')}` },
      ),
  ),
  requestFlood(
    {
      name: 'guessed passwords',
      path: 'POST',
      host: 52,
      expected: ['200 UNAUTHENTICATED', '400 UNAUTHENTICATED', '200 RATE_LIMITED', LIMITED],
      must: '200 RATE_LIMITED',
    },
    (index) =>
      posted({ query: `mutation{signIn(email:"nobody${index}@example.org",password:"guess ${index}"){accessToken}}` }),
  ),
];

/** From this machine itself: without limits but that of turns, or with those that everybody has. */
function fromHere(limited: boolean): readonly Attack[] {
  return WAYS_IN.filter(({ name }) => name === 'POST' || name === 'WebSocket').map((way) =>
    hostileFlood(way, { host: HERE, limited }),
  );
}

/** What POST is attacked with, on the other ways that take a text. */
interface Said {
  readonly name: string;
  readonly expected: readonly string[];
  readonly question: (index: number, way: WayIn) => Question;
}

/** As many characters as this way takes, other parts of the question aside. */
const roomOf = ({ bytesMax }: WayIn): number => Math.floor(bytesMax * 0.9);
const ID_QUERY = 'query($id:ID!){device(id:$id){id}}';

const SAID: readonly Said[] = [
  {
    name: 'valid operations, each another',
    expected: ['data'],
    question: (index) => ({ query: freshDocument(index) }),
  },
  { name: 'the dearest valid operations', expected: ['data'], question: (index) => ({ query: dearDocument(index) }) },
  { name: 'introspection', expected: ['data'], question: (index) => ({ query: `${INTROSPECTION_QUERY} #${index}` }) },
  {
    name: 'ids that nobody registered',
    expected: ['PERSISTED_QUERY_NOT_FOUND'],
    question: () => ({ id: randomBytes(32).toString('hex') }),
  },
  {
    name: 'variables of 200 KB',
    expected: ['data', 'TOO_COSTLY'],
    question: (index, way) => ({ query: ID_QUERY, variables: { id: `${index}${'x'.repeat(roomOf(way))}` } }),
  },
  {
    name: 'text of 200 KB',
    expected: ['TOO_COSTLY'],
    question: (index, way) => ({ query: `{device(id:"${index}${'x'.repeat(roomOf(way))}"){id}}` }),
  },
];

/** What there is no attack by POST of its own for. */
const ALSO_BY_POST = 'ids that nobody registered';

const EVERY_WAY: readonly Attack[] = WAYS_IN.flatMap((way, at) =>
  SAID.filter(({ name }) => way.name !== 'POST' || name === ALSO_BY_POST).map((said, number) =>
    askedFlood(way, { ...said, host: 200 + SAID.length * at + number }),
  ),
);

/** Attacks by requests for a platform with RATE_LIMIT_LOCAL=on. */
export const LOCAL_FLOODS: readonly Attack[] = fromHere(true);

/** Attacks by many requests. */
export const REQUEST_FLOODS: readonly Attack[] = [
  ...WAYS_IN.map((way, index) => hostileFlood(way, { host: 10 + index, limited: true })),
  ...fromHere(false),
  ...OPERATIONS,
  ...BODIES,
  ...EVERY_WAY,
  ...GUESSES,
];
