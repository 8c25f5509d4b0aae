/** Gateways beside each other: all answer the same, and take turns, so that the machine's mood hits all alike. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicroseconds, percentile, residentMib } from '../process-usage.ts';
import type { Contender } from './contenders.ts';
import { load } from './load.ts';

export interface Rounds {
  readonly query: string;
  readonly connections: number;
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly roundMs: number;
}

/** One gateway's figures: medians over its rounds. */
export interface Figures {
  readonly cpuMsPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly residentMib: number;
  /** CPU per request of each round, to show how quiet the machine was. */
  readonly cpuMsOfRounds: readonly number[];
}

export interface Comparison {
  readonly answer: { readonly bytes: number; readonly md5: string };
  readonly figures: Readonly<Record<string, Figures>>;
}

const READY_WITHIN_MS = 60_000;
const WARM_UP_REQUESTS = 3_000;
const WARM_UP_TURNS_MAX = 4;

export function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export function rounded(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}

/** The text of `data` as every client sees it, once the gateway gives any. @throws Error when it does not in a minute */
async function dataOf({ name, port, path }: Contender, query: string): Promise<string> {
  let last: unknown;
  for (const until = Date.now() + READY_WITHIN_MS; Date.now() < until; await sleep(200)) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ query }),
      });
      const text = await response.text();
      const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: unknown };
      if (response.ok && data && !errors) return JSON.stringify(data);
      last = text.slice(0, 300);
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`${name} gave no answer: ${String(last)}`);
}

/** @throws Error when two gateways answer differently */
async function sameAnswer(contenders: readonly Contender[], query: string): Promise<Comparison['answer']> {
  const answers: { readonly name: string; readonly bytes: number; readonly md5: string }[] = [];
  for (const contender of contenders) {
    const text = await dataOf(contender, query);
    const md5 = createHash('md5').update(text).digest('hex');
    answers.push({ name: contender.name, bytes: Buffer.byteLength(text), md5 });
  }
  const [first] = answers;
  const other = answers.find(({ md5 }) => md5 !== first?.md5);
  if (!first || other) throw new Error(`${other?.name} and ${first?.name} do not give the same data`);
  return { bytes: first.bytes, md5: first.md5 };
}

/** Until the engine has compiled what it will, also where the machine gives a gateway little time. */
async function warmUp(contender: Contender, options: Parameters<typeof load>[1]): Promise<void> {
  let requests = 0;
  for (let turn = 0; turn < WARM_UP_TURNS_MAX && requests < WARM_UP_REQUESTS; turn += 1) {
    requests += (await load(contender, options)).requests;
  }
}

/** Measures each gateway in each round. */
export async function compare(contenders: readonly Contender[], settings: Rounds): Promise<Comparison> {
  const { query, connections, rounds, warmUpMs, roundMs } = settings;
  const answer = await sameAnswer(contenders, query);
  const body = JSON.stringify({ query });
  for (const contender of contenders) await warmUp(contender, { body, connections, forMs: warmUpMs });
  const measured = new Map(contenders.map(({ name }) => [name, [] as Omit<Figures, 'cpuMsOfRounds'>[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) {
      const before = cpuMicroseconds(contender.pid);
      const { requests, seconds, latenciesMs } = await load(contender, { body, connections, forMs: roundMs });
      measured.get(contender.name)?.push({
        cpuMsPerRequest: (cpuMicroseconds(contender.pid) - before) / 1_000 / requests,
        requestsPerSecond: requests / seconds,
        p50Ms: percentile(latenciesMs, 0.5),
        p99Ms: percentile(latenciesMs, 0.99),
        residentMib: residentMib(contender.pid),
      });
    }
  }
  return { answer, figures: Object.fromEntries([...measured].map(([name, each]) => [name, medians(each)])) };
}

function medians(rounds: readonly Omit<Figures, 'cpuMsOfRounds'>[]): Figures {
  const of = (key: keyof Omit<Figures, 'cpuMsOfRounds'>) => median(rounds.map((round) => round[key]));
  return {
    cpuMsPerRequest: rounded(of('cpuMsPerRequest')),
    requestsPerSecond: Math.round(of('requestsPerSecond')),
    p50Ms: rounded(of('p50Ms'), 1),
    p99Ms: rounded(of('p99Ms'), 1),
    residentMib: Math.round(of('residentMib')),
    cpuMsOfRounds: rounds.map(({ cpuMsPerRequest }) => rounded(cpuMsPerRequest)),
  };
}
