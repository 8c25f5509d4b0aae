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
}

export interface BystanderSettings {
  readonly url: string;
  readonly address: string;
  /** Signed in: what it asks for is executed each time, and shared with nobody. */
  readonly token: string;
  readonly deviceId: string;
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
}

const fresh = (): Measured => ({ asked: 0, answered: 0, failures: [], latencies: [] });

function reportOf({ asked, answered, failures, latencies }: Measured): Report {
  const sorted = latencies.toSorted((a, b) => a - b);
  const [p50Ms, p99Ms] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
  return { asked, answered, failures: failures.slice(0, 5), p50Ms, p99Ms, worstMs: sorted.at(-1) ?? Number.NaN };
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

function run(settings: BystanderSettings): void {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const questions = questionsOf(settings);
  let measured = fresh();
  const ask = (index: number): Promise<void> =>
    new Promise((resolve) => {
      const into = measured;
      const dueMs = performance.now();
      const { body, headers: own } = questions[index % questions.length] ?? { body: '', headers: {} };
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': settings.address, ...own };
      into.asked += 1;
      const failed = (what: string): void => {
        into.failures.push(what);
        resolve();
      };
      const asking = request(`${settings.url}/graphql`, { method: 'POST', headers, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          into.latencies.push(performance.now() - dueMs);
          if (response.statusCode !== 200 || !text.startsWith('{"data":')) return failed(text.slice(0, 200));
          into.answered += 1;
          resolve();
        });
      });
      asking.setTimeout(ANSWER_WITHIN_MS, () => asking.destroy(new Error('no answer')));
      asking.on('error', (error) => failed(error.message));
      asking.end(body);
    });
  let index = 0;
  const under = new Set<Promise<void>>();
  setInterval(() => {
    index += 1;
    const asked = ask(index);
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
