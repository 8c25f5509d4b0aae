import type { Viewer } from '@greencity/platform/graphql/port';
import type { AnswerRecord } from './record.ts';

/**
 * The viewer, for those who make an answer: whoever looks at it, by whatever name, makes the answer one that depends on who asks. One for which nobody
 * did is the same for everyone. In this process alone: what is sent to another one is looked at when it is written down.
 */
export function watchedViewer(viewer: Viewer, record: AnswerRecord): Viewer {
  return new Proxy(viewer, {
    get(target, name) {
      record.personal();
      return Reflect.get(target, name);
    },
    has(target, name) {
      record.personal();
      return Reflect.has(target, name);
    },
    ownKeys(target) {
      record.personal();
      return Reflect.ownKeys(target);
    },
  });
}
