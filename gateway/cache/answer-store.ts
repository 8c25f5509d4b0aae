/** Answers that are kept for those who ask the same again. */

/** What is kept, with what it was made of. */
export interface StoredAnswer<T> {
  readonly value: T;
  readonly bytes: number;
  /** Names of what it depends on; a change of any of them removes it. */
  readonly tags: readonly string[];
  /** Unix ms. */
  readonly untilMs: number;
}

/** A store of answers in this process. What gateways share is behind it: shared-answers.ts. */
export interface AnswerStore<T> {
  readonly size: number;
  readonly bytes: number;
  get(key: string, nowMs: number): T | undefined;
  set(key: string, answer: StoredAnswer<T>): void;
  /** Removes every answer with any of these tags. Returns how many they were. */
  invalidate(tags: readonly string[]): number;
  /** Removes what has ended. */
  expire(nowMs: number): void;
  clear(): void;
}

/** Answers in memory, at most so many bytes of them: the one unused for longest leaves first. */
export function memoryAnswers<T>(bytesMax: number): AnswerStore<T> {
  const answers = new Map<string, StoredAnswer<T>>();
  const byTag = new Map<string, Set<string>>();
  let bytes = 0;
  const remove = (key: string): void => {
    const answer = answers.get(key);
    if (!answer) return;
    answers.delete(key);
    bytes -= answer.bytes;
    for (const tag of answer.tags) {
      const keys = byTag.get(tag);
      keys?.delete(key);
      if (keys?.size === 0) byTag.delete(tag);
    }
  };
  return {
    get size() {
      return answers.size;
    },
    get bytes() {
      return bytes;
    },
    get(key, nowMs) {
      const answer = answers.get(key);
      if (!answer) return undefined;
      if (answer.untilMs <= nowMs) {
        remove(key);
        return undefined;
      }
      answers.delete(key);
      answers.set(key, answer);
      return answer.value;
    },
    set(key, answer) {
      remove(key);
      if (answer.bytes > bytesMax) return;
      answers.set(key, answer);
      bytes += answer.bytes;
      for (const tag of answer.tags) {
        const keys = byTag.get(tag);
        if (keys) keys.add(key);
        else byTag.set(tag, new Set([key]));
      }
      for (const oldest of answers.keys()) {
        if (bytes <= bytesMax) break;
        remove(oldest);
      }
    },
    invalidate(tags) {
      const before = answers.size;
      for (const tag of tags) for (const key of [...(byTag.get(tag) ?? [])]) remove(key);
      return before - answers.size;
    },
    expire(nowMs) {
      for (const [key, { untilMs }] of answers) if (untilMs <= nowMs) remove(key);
    },
    clear() {
      answers.clear();
      byTag.clear();
      bytes = 0;
    },
  };
}
