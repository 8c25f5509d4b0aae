import type { Clock } from '@greencity/platform/clock/port';
import type { Viewer } from '@greencity/platform/graphql/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { TaggedCache } from '@greencity/platform/tagged-cache/port';
import type { HttpAnswer } from '../http/http-answer.ts';
import { type AnswerCacheSettings, type Answers, openAnswers } from './answers.ts';
import { type Changed, type ChangeSource, openChanges } from './changes.ts';
import { openSharedAnswers } from './shared-answers.ts';

/** JSON and CSV come to a tenth to a third of their size in each of two codings. */
const WITH_CODED_FORMS = 1.5;

/** Answers that are shared and kept, and how they hear of changes. */
export interface Answering extends Disposable {
  readonly answers: Answers<HttpAnswer>;
  /** This may have changed, by a mutation of the viewer where there is one. */
  changed(changed: Changed, viewer?: Viewer): void;
  /** To be called now and then. */
  check(nowMs: number): void;
}

export interface AnsweringOptions {
  readonly changes?: ChangeSource;
  /** Where gateways share what they have made. */
  readonly answerCache?: TaggedCache;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** `version` is that of the supergraph that is served. */
export function openAnswering(
  { changes: source, answerCache: cache, clock, log, metrics }: AnsweringOptions,
  settings: AnswerCacheSettings,
  version: () => string,
): Answering {
  const changes = openChanges(source, () => clock.elapsedMs());
  const shared = cache && openSharedAnswers({ cache, version, clock, log });
  // Its forms in content codings are kept beside it.
  const bytesOf = ({ body }: HttpAnswer) => body.length * WITH_CODED_FORMS;
  const answers = openAnswers<HttpAnswer>({ settings, changes, shared, bytesOf, clock, metrics });
  return {
    answers,
    changed(changed, viewer) {
      if (viewer) answers.changedBy(viewer);
      changes.tell(changed);
      source?.announce?.(changed);
    },
    check(nowMs) {
      answers.check(nowMs);
      changes.check(nowMs);
    },
    [Symbol.dispose]: () => changes[Symbol.dispose](),
  };
}
