/** Subscribers in another process, and questions to programs of the benchmark. */
import { message, type Program, start } from './program.ts';
import type { Hearing, Subscribing } from './subscribers.ts';

/** What the subscribers of one process heard since they were last asked. */
export interface Heard {
  readonly received: number;
  readonly closed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How late the subscribers' own process comes to reading: that much of a latency may be theirs. */
  readonly delayP99Ms: number;
}

/** Opens subscribers and waits until all of them listen. */
export async function openSubscribers(subscribing: Subscribing): Promise<Program> {
  const subscribers = start({ file: 'subscribers.ts' });
  await ask(subscribers, subscribing);
  return subscribers;
}

/** Sends something to a program and waits for its answer. */
export async function ask<T>(program: Program, question: object): Promise<T> {
  program.child.send(question);
  return await message<T>(program);
}

/** What subscribers have heard since this was last asked, once that is so many events; fewer when they are ten seconds late. */
export async function hear(subscribers: Program, wanted: number): Promise<Heard> {
  return await ask<Heard>(subscribers, { wanted } satisfies Hearing);
}
