/**
 * Another client, in a process of its own: sends operations of the contract at a steady pace, whatever becomes of those before, and says how long
 * each took from when it was due. Told by its parent when to begin and when to report.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { parse } from 'graphql';
import { percentile } from '../bench/process-usage.ts';

/** How the other client fared. */
export interface Report {
  readonly asked: number;
  readonly answered: number;
  /** What came in place of an answer. */
  readonly failures: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  /** The p99 of a server that does nothing, asked at the same moments. */
  readonly idleP99Ms: number;
}

export interface BystanderSettings {
  readonly url: string;
  readonly address: string;
  /** Signed in: what it asks for is executed each time, and shared with nobody. */
  readonly token: string;
  readonly deviceId: string;
  /** A server that does nothing, to compare. */
  readonly idleUrl: string;
}

const EVERY_MS = 40;
const ANSWER_WITHIN_MS = 30_000;
const DAY_MS = 86_400_000;
const CONTRACT = new URL('../../schema/golden/contract/queries.graphql', import.meta.url);

interface Measured {
  asked: number;
  answered: number;
  readonly failures: string[];
  readonly latencies: number[];
  readonly idleLatencies: number[];
}

const fresh = (): Measured => ({ asked: 0, answered: 0, failures: [], latencies: [], idleLatencies: [] });

function reportOf({ asked, answered, failures, latencies, idleLatencies }: Measured): Report {
  const sorted = latencies.toSorted((a, b) => a - b);
  const [p50Ms, p99Ms] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
  const idleP99Ms = percentile(
    idleLatencies.toSorted((a, b) => a - b),
    0.99,
  );
  const worstMs = sorted.at(-1) ?? Number.NaN;
  return { asked, answered, failures: failures.slice(0, 5), p50Ms, p99Ms, worstMs, idleP99Ms };
}

/** The map is asked for as everybody does, without a token; the rest by somebody signed in, for whom it is executed each time. */
function questionsOf({ deviceId, token }: BystanderSettings) {
  const source = readFileSync(CONTRACT, 'utf8');
  const texts = new Map(
    parse(source).definitions.flatMap((definition) =>
      definition.kind === 'OperationDefinition' && definition.name
        ? [[definition.name.value, source.slice(definition.loc?.start, definition.loc?.end)] as const]
        : [],
    ),
  );
  const [from, to] = [Date.now() - DAY_MS, Date.now()].map((ms) => new Date(ms).toISOString());
  const within = { west: -2.3, south: 57.05, east: -2.0, north: 57.25 };
  const signedIn = { authorization: `Bearer ${token}` };
  const question = (name: string, variables: object, headers: Readonly<Record<string, string>>) => ({
    body: JSON.stringify({ query: texts.get(name), variables }),
    headers,
  });
  const asked = [question('DevicePanel', { id: deviceId, from, to }, signedIn), question('Zones', {}, signedIn)];
  return [question('LiveMap', { within, metric: 'PM2_5' }, {}), ...Array.from({ length: 10 }, () => asked).flat()];
}

interface Asked {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Asks once, and gives the text of the answer. */
function ask(agent: Agent, asked: Asked): Promise<string> {
  const { url, body, headers } = asked;
  return new Promise((resolve, reject) => {
    const asking = request(url, { method: 'POST', headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    asking.setTimeout(ANSWER_WITHIN_MS, () => asking.destroy(new Error('no answer')));
    asking.on('error', (error: NodeJS.ErrnoException) => {
      // A connection that was kept may be closed at the moment it is used again: as browsers do, on another one.
      if (asking.reusedSocket && error.code === 'ECONNRESET') ask(agent, asked).then(resolve, reject);
      else reject(error);
    });
    asking.end(body);
  });
}

function run(settings: BystanderSettings): void {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const questions = questionsOf(settings);
  const idle: Asked = { url: settings.idleUrl, body: '{}', headers: {} };
  let measured = fresh();
  const both = async (index: number): Promise<void> => {
    const into = measured;
    const dueMs = performance.now();
    const { body, headers: own } = questions[index % questions.length] ?? idle;
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': settings.address, ...own };
    into.asked += 1;
    const compared = ask(agent, idle)
      .then(() => void into.idleLatencies.push(performance.now() - dueMs))
      .catch(() => undefined);
    try {
      const text = await ask(agent, { url: `${settings.url}/graphql`, body, headers });
      into.latencies.push(performance.now() - dueMs);
      if (text.startsWith('{"data":')) into.answered += 1;
      else into.failures.push(text.slice(0, 200));
    } catch (error) {
      into.failures.push((error as Error).message);
    }
    await compared;
  };
  let index = 0;
  const under = new Set<Promise<void>>();
  setInterval(() => {
    index += 1;
    const asked = both(index);
    under.add(asked);
    void asked.then(() => under.delete(asked));
  }, EVERY_MS);
  process.on('message', async (message) => {
    if (message === 'begin') measured = fresh();
    if (message !== 'report') return;
    const whole = measured;
    measured = fresh();
    await Promise.all(under);
    process.send?.(reportOf(whole));
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}

const settings = process.argv[2];
if (settings !== undefined && process.send) run(JSON.parse(settings) as BystanderSettings);
