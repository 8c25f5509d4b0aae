import type { Clock } from '@greencity/platform/clock/port';
import type { Viewer } from '@greencity/platform/graphql/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { HttpAnswer } from '../http/http-answer.ts';
import { type AnswerCacheSettings, type Answers, openAnswers } from './answers.ts';
import { type ChangeSource, openChanges } from './changes.ts';

/** Answers that are shared and kept, and how they hear of changes. */
export interface Answering extends Disposable {
  readonly answers: Answers<HttpAnswer>;
  /** Anything may have changed, as after a mutation of this viewer. */
  changed(viewer?: Viewer): void;
  /** To be called now and then. */
  check(nowMs: number): void;
}

export interface AnsweringOptions {
  readonly settings: AnswerCacheSettings;
  readonly source: ChangeSource | undefined;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export function openAnswering({ settings, source, clock, metrics }: AnsweringOptions): Answering {
  const changes = openChanges(source, () => clock.nowMs());
  const answers = openAnswers<HttpAnswer>({ settings, changes, clock, metrics });
  return {
    answers,
    changed(viewer) {
      if (viewer) answers.changedBy(viewer);
      changes.tell('everything');
    },
    check(nowMs) {
      answers.check(nowMs);
      changes.check(nowMs);
    },
    [Symbol.dispose]: () => changes[Symbol.dispose](),
  };
}
