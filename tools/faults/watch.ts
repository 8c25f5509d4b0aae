/** Looks at a city once a second while something of it is broken: which queries work, and what each process says of itself. */
import type { CityClient } from '../../app/e2e/city.ts';
import type { Readiness } from '../distributed/role.ts';

const EVERY_MS = 1_000;
const ANSWER_WITHIN_MS = 5_000;
/** Answers may be kept for so long: they say nothing of what works now. */
const KEPT_MS = 5_000;

/** One question for each thing that a client may want, and the store that it needs; `now` makes each text another one, so that no kept answer is given. */
const QUESTIONS: Readonly<Record<string, (deviceId: string, now: number) => string>> = {
  devices: (_, now) => `query N${now} { devices(first: 3) { nodes { id name } } }`,
  zones: (_, now) => `query N${now} { zones { id name } }`,
  latest: (id, now) => `query N${now} { device(id: "${id}") { latest { metric value } } }`,
  history: (id, now) =>
    `query N${now} { device(id: "${id}") { series(metric: PM10, from: "${new Date(now - 60_000).toISOString()}", to: "${new Date(now).toISOString()}") { points { time value } } } }`,
  alerts: (_, now) => `query N${now} { alerts(first: 3) { totalCount } }`,
  'heat map': (_, now) =>
    `query N${now} { heatMap(within: { west: -2.7, south: 57.0, east: -2.0, north: 57.6 }, metric: PM10, columns: 4, rows: 4) { deviceCount } }`,
};

export interface Seen {
  /** By question: how often it was asked, and answered without an error. */
  readonly answered: ReadonlyMap<string, { readonly asked: number; readonly worked: number }>;
  /** What a process said that was not just "ready", by its role. */
  readonly said: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Watch {
  /** Ends looking. */
  end(): Promise<Seen>;
}

interface Looked {
  readonly answered: Map<string, { asked: number; worked: number }>;
  readonly said: Map<string, Set<string>>;
}

/** Begins to look. */
export function watch(client: CityClient, deviceId: string): Watch {
  const looked: Looked = { answered: new Map(), said: new Map() };
  const startedMs = performance.now();
  const pending = new Set<Promise<void>>();
  const timer = setInterval(() => {
    if (performance.now() - startedMs < KEPT_MS) return;
    const look = Promise.all([ask(client, deviceId, looked), listen(client, looked)]).then(() => undefined);
    pending.add(look);
    void look.finally(() => pending.delete(look));
  }, EVERY_MS);
  return {
    async end() {
      clearInterval(timer);
      await Promise.all(pending);
      return looked;
    },
  };
}

async function ask(client: CityClient, deviceId: string, { answered }: Looked): Promise<void> {
  const now = Date.now();
  await Promise.all(
    Object.entries(QUESTIONS).map(async ([name, question]) => {
      const count = answered.get(name) ?? { asked: 0, worked: 0 };
      answered.set(name, count);
      count.asked += 1;
      if (await works(client, question(deviceId, now))) count.worked += 1;
    }),
  );
}

async function works({ url }: CityClient, query: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const answer = (await response.json()) as { data?: Record<string, unknown>; errors?: unknown };
    return answer.errors === undefined && Object.values(answer.data ?? { none: null }).every((value) => value !== null);
  } catch {
    return false;
  }
}

async function listen({ city }: CityClient, { said }: Looked): Promise<void> {
  await Promise.all(
    city.processes.map(async (process) => {
      const words = inWords(await process.readiness());
      if (words === undefined) return;
      const all = said.get(process.role) ?? new Set<string>();
      said.set(process.role, all.add(words));
    }),
  );
}

/** What is not as it should be; undefined when all is. */
export function inWords({ status, checks = {}, elsewhere = {} }: Readiness): string | undefined {
  const not = Object.entries(checks).filter(([, state]) => state !== 'ready');
  const told = Object.entries(elsewhere).filter(([, state]) => state !== 'ready' && state !== 'closed');
  if (status === 'ready' && told.length === 0) return undefined;
  if (status === 'silent') return 'silent';
  const parts = [...not, ...told].map(([name, state]) => (state === 'not ready' ? name : `${name} ${state}`));
  return `${status}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
}
