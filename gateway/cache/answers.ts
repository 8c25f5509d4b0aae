/**
 * Equal questions of anonymous clients: asked once while they are under way, and kept until something of the answer changes. Whoever has signed in is
 * always asked for alone, so that no answer crosses from one to another who may see something else, and they see at once what they have changed.
 */
import type { Clock } from '@greencity/platform/clock/port';
import type { Viewer } from '@greencity/platform/graphql/port';
import type { Counter, Metrics } from '@greencity/platform/metrics/port';
import { type AnswerStore, memoryAnswers } from './answer-store.ts';
import type { Changes } from './changes.ts';
import { type AnswerRecord, newRecord } from './record.ts';

export interface AnswerCacheSettings {
  /** Longest that an answer is kept, whatever is heard of changes: what changes by the passing of time alone is told by nobody. */
  readonly lifetimeMs: number;
  readonly bytesMax: number;
  /** Different questions under way that others may join. */
  readonly underWayMax: number;
}

/** An answer that may be given to several. */
export interface Shareable<T> {
  readonly value: T;
  readonly bytes: number;
  /** Whether it may be kept, if the record agrees. */
  readonly keep: boolean;
  /** True for an answer that is about the one who asked: whoever asked the same meanwhile asks alone. */
  readonly alone?: boolean;
}

/** Asks for an answer, and notes in the record what it is made of. */
export type Ask<T> = (record: AnswerRecord) => Promise<Shareable<T>>;

export interface Answers<T> {
  /** A kept answer, one under way, or a new one. `key` says everything that the answer to an anonymous client depends on. Only for queries. */
  answer(key: string, viewer: Viewer, ask: Ask<T>): Promise<T>;
  /** Lets go of what has ended; to be called now and then. */
  check(nowMs: number): void;
}

export interface AnswersOptions {
  readonly settings: AnswerCacheSettings;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** Answers of one way in. */
export function openAnswers<T>({ settings, changes, clock, metrics }: AnswersOptions): Answers<T> {
  const store: AnswerStore<T> = memoryAnswers(settings.bytesMax);
  const underWay = new Map<string, Promise<Shareable<T>>>();
  const counts = countersOf(metrics);
  metrics.gauge('gateway_answers_kept_bytes', 'Size of the answers that are kept.', () => store.bytes);
  changes.heard((what) => {
    // Whoever asks after a change must not be given what was asked for before it.
    if (what === 'everything') underWay.clear();
    const removed = what === 'everything' ? store.size : store.invalidate(what);
    if (what === 'everything') store.clear();
    counts.invalidated.add(removed);
  });
  const ask = async (key: string, asking: Ask<T>): Promise<Shareable<T>> => {
    const record = newRecord();
    const since = changes.listen();
    const answer = await asking(record);
    const tags = record.tags();
    if (since !== undefined && answer.keep && tags && !changes.since(since, tags)) {
      const untilMs = clock.nowMs() + settings.lifetimeMs;
      store.set(key, { value: answer.value, bytes: answer.bytes + 2 * key.length, tags, untilMs });
    }
    return answer;
  };
  return {
    check: (nowMs) => store.expire(nowMs),
    async answer(key, viewer, asking) {
      if (viewer.kind !== 'anonymous') return (await asking(newRecord())).value;
      const kept = store.get(key, clock.nowMs());
      if (kept !== undefined) {
        counts.hits.add();
        changes.listen();
        return kept;
      }
      const joined = underWay.get(key);
      if (joined !== undefined) {
        counts.shared.add();
        const answer = await joined;
        return answer.alone ? (await asking(newRecord())).value : answer.value;
      }
      counts.misses.add();
      const started = ask(key, asking);
      if (underWay.size >= settings.underWayMax) return (await started).value;
      underWay.set(key, started);
      const forget = (): void => {
        if (underWay.get(key) === started) underWay.delete(key);
      };
      started.then(forget, forget);
      return (await started).value;
    },
  };
}

function countersOf(metrics: Metrics): Record<'hits' | 'misses' | 'shared' | 'invalidated', Counter> {
  const answered = (how: string) =>
    metrics.counter('gateway_answers_total', 'Answers to queries: asked for, kept from before, or shared.', { how });
  return {
    hits: answered('kept'),
    misses: answered('asked'),
    shared: answered('shared'),
    invalidated: metrics.counter('gateway_answers_invalidated_total', 'Kept answers that a change removed.'),
  };
}
