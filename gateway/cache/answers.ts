/**
 * Equal questions: asked once while they are under way, and kept until something of the answer changes. No answer crosses to somebody who may see
 * something else: what was made for anonymous clients is theirs, and those who signed in share only what was made without a look at who asks.
 */
import type { Clock } from '@greencity/platform/clock/port';
import type { Viewer } from '@greencity/platform/graphql/port';
import { viewerKey } from '@greencity/platform/graphql/viewer';
import type { Counter, Metrics } from '@greencity/platform/metrics/port';
import { boundedCache } from '../planning/bounded-cache.ts';
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

/** A question of one client. Only queries may be kept. */
export interface Question<T> {
  /** Says everything that the answer depends on but who asks. */
  readonly key: string;
  readonly viewer: Viewer;
  /** Whether somebody who signed in takes what is kept for anyone; otherwise they are asked for alone. */
  readonly takesKept: boolean;
  /** Makes the answer, and notes in the record what it is made of; without one nobody keeps it. */
  readonly make: (record: AnswerRecord | undefined) => Promise<Shareable<T>>;
  /** Takes the price of an answer that is not made for this client. False when it cannot be paid: the answer is made then, or refused. */
  readonly pay: () => Promise<boolean>;
}

export interface Answers<T> {
  /** A kept answer, one under way, or a new one. */
  answer(question: Question<T>): Promise<T>;
  /** This viewer has changed something: for as long as an answer may be kept it is given none that was made for others. */
  changedBy(viewer: Viewer): void;
  /** Lets go of what has ended; to be called now and then. */
  check(nowMs: number): void;
}

export interface AnswersOptions {
  readonly settings: AnswerCacheSettings;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** An answer with whom it may be given to: anyone, or anonymous clients alone. */
interface Kept<T> {
  readonly value: T;
  readonly forAnyone: boolean;
}

/** Viewers who have changed something lately; the one who did so first leaves beyond it. */
const WRITERS_MAX = 10_000;

/** Answers of all ways in: a key names its way. */
export function openAnswers<T>({ settings, changes, clock, metrics }: AnswersOptions): Answers<T> {
  const store: AnswerStore<Kept<T>> = memoryAnswers(settings.bytesMax);
  const underWay = new Map<string, Promise<Shareable<T>>>();
  const writers = boundedCache<number>(WRITERS_MAX);
  const counts = countersOf(metrics);
  metrics.gauge('gateway_answers_kept_bytes', 'Size of the answers that are kept.', () => store.bytes);
  changes.heard((what) => {
    // Whoever asks after a change must not be given what was asked for before it.
    if (what === 'everything') underWay.clear();
    const removed = what === 'everything' ? store.size : store.invalidate(what);
    if (what === 'everything') store.clear();
    counts.invalidated.add(removed);
  });
  const made = async ({ key, viewer, make }: Question<T>): Promise<Shareable<T>> => {
    const since = changes.listen();
    // Where nobody tells of changes nothing is kept, and noting what it is made of would be in vain.
    if (since === undefined) return await make(undefined);
    const record = newRecord();
    const answer = await make(record);
    const tags = record.tags();
    const { forAnyone } = record;
    const keep = answer.keep && (forAnyone || viewer.kind === 'anonymous');
    if (keep && tags && !changes.since(since, tags)) {
      const untilMs = clock.nowMs() + settings.lifetimeMs;
      store.set(key, {
        value: { value: answer.value, forAnyone },
        bytes: answer.bytes + 2 * key.length,
        tags,
        untilMs,
      });
    }
    return answer;
  };
  const alone = async ({ make }: Question<T>): Promise<T> => {
    counts.misses.add();
    return (await make(undefined)).value;
  };
  const takesKept = ({ viewer, takesKept: wanted }: Question<T>): boolean =>
    viewer.kind === 'anonymous' || (wanted && !((writers.get(viewerKey(viewer)) ?? 0) > clock.nowMs()));
  return {
    check: (nowMs) => store.expire(nowMs),
    changedBy(viewer) {
      if (viewer.kind !== 'anonymous') writers.set(viewerKey(viewer), clock.nowMs() + settings.lifetimeMs);
    },
    async answer(question) {
      const { key, viewer, pay } = question;
      if (!takesKept(question)) return await alone(question);
      const kept = store.get(key, clock.nowMs());
      if (kept !== undefined && (kept.forAnyone || viewer.kind === 'anonymous')) {
        if (!(await pay())) return await alone(question);
        counts.hits.add();
        changes.listen();
        return kept.value;
      }
      // Nobody knows yet whether what is under way looks at who asks.
      const joined = viewer.kind === 'anonymous' ? underWay.get(key) : undefined;
      if (joined !== undefined) {
        if (!(await pay())) return await alone(question);
        counts.shared.add();
        const answer = await joined;
        return answer.alone ? await alone(question) : answer.value;
      }
      counts.misses.add();
      const started = made(question);
      if (viewer.kind !== 'anonymous' || underWay.size >= settings.underWayMax) return (await started).value;
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
