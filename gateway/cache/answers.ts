/**
 * Equal questions: asked once while they are under way, and kept until something of the answer changes. No answer crosses to somebody who may see
 * something else: what was made for anonymous clients is theirs, and those who signed in share only what was made without a look at who asks.
 */
import type { Clock } from '@greencity/platform/clock/port';
import type { Viewer } from '@greencity/platform/graphql/port';
import { viewerKey } from '@greencity/platform/graphql/viewer';
import type { Metrics } from '@greencity/platform/metrics/port';
import { boundedCache } from '../planning/bounded-cache.ts';
import { type AnswerStore, memoryAnswers } from './answer-store.ts';
import type { Changes } from './changes.ts';
import { countersOf, isFor, making } from './making.ts';
import type { AnswerRecord } from './record.ts';
import type { Kept, SharedAnswers } from './shared-answers.ts';
import { isTypeTag } from './shown-types.ts';

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
  readonly pay: () => boolean | Promise<boolean>;
}

export interface Answers<T> {
  /** A kept answer, one under way, or a new one. */
  answer(question: Question<T>): Promise<T>;
  /** This viewer has changed something: for as long as an answer may be kept it is given none that was made for others. */
  changedBy(viewer: Viewer): void;
  /** Lets go of what has ended; to be called now and then. */
  check(nowMs: number): void;
}

export interface AnswersOptions<T> {
  readonly settings: AnswerCacheSettings;
  readonly changes: Changes;
  /** What other gateways have made; without it each has its own alone. */
  readonly shared?: SharedAnswers<T> | undefined;
  /** Size of an answer in memory. */
  readonly bytesOf: (answer: T) => number;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** Viewers who have changed something lately; the one who did so first leaves beyond it. */
const WRITERS_MAX = 10_000;

/** Answers of all ways in: a key names its way. */
export function openAnswers<T>(options: AnswersOptions<T>): Answers<T> {
  const { settings, changes, shared, clock, metrics } = options;
  const store: AnswerStore<Kept<T>> = memoryAnswers(settings.bytesMax);
  const underWay = new Map<string, Promise<Shareable<T>>>();
  const writers = boundedCache<number>(WRITERS_MAX);
  const counts = countersOf(metrics);
  metrics.gauge('gateway_answers_kept_bytes', 'Size of the answers that are kept.', () => store.bytes);
  changes.heard((what, told) => {
    if (told) shared?.change(what);
    // Whoever asks after a mutation must not be given what was asked for before it.
    if (what === 'everything' || what.some(isTypeTag)) underWay.clear();
    const removed = what === 'everything' ? store.size : store.invalidate(what);
    if (what === 'everything') store.clear();
    counts.invalidated.add(removed);
  });
  const made = making({ ...options, store, counts });
  const alone = async ({ make }: Question<T>): Promise<T> => {
    counts.misses.add();
    return (await make(undefined)).value;
  };
  const takesKept = ({ viewer, takesKept: wanted }: Question<T>): boolean =>
    viewer.kind === 'anonymous' || (wanted && !((writers.get(viewerKey(viewer)) ?? 0) > clock.elapsedMs()));
  return {
    check: (nowMs) => store.expire(nowMs),
    changedBy(viewer) {
      if (viewer.kind !== 'anonymous') writers.set(viewerKey(viewer), clock.elapsedMs() + settings.lifetimeMs);
    },
    async answer(question) {
      const { key, viewer, pay } = question;
      if (!takesKept(question)) return await alone(question);
      const kept = store.get(key, clock.elapsedMs());
      if (kept !== undefined && isFor(viewer, kept)) {
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
