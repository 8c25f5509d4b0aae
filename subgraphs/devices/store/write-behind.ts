import type { Collection } from '@greencity/platform/documents/port';

/** Documents that change far more often than they need to be written: touched in memory, written together. */
export interface WriteBehind {
  /** Says that the document of this id has changed. */
  touch(id: string): void;
  /** Writes what was touched. Resolves when everything touched before the call is durable. */
  flush(): Promise<void>;
}

/** Documents of one durable step: small enough not to hold the event loop up. */
const STEP_DOCUMENTS = 500;

/** @param current the document of an id as it is now; undefined when there is none to write */
export function createWriteBehind<T>(collection: Collection<T>, current: (id: string) => T | undefined): WriteBehind {
  let touched = new Set<string>();
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const ids = [...touched];
    touched = new Set();
    try {
      while (ids.length > 0) {
        const step = ids.slice(-STEP_DOCUMENTS);
        const documents = step.flatMap((id) => {
          const document = current(id);
          return document === undefined ? [] : [{ id, document }];
        });
        await collection.putMany(documents);
        ids.length -= step.length;
      }
    } catch (cause) {
      for (const id of ids) touched.add(id);
      throw cause;
    }
  }

  return {
    touch: (id) => void touched.add(id),
    flush() {
      // One behind the other: a caller commits its offset only when an earlier write of what it touched has ended as well.
      const mine = writing.then(write);
      writing = mine.catch(() => undefined);
      return mine;
    },
  };
}
