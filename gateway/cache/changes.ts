/** What has changed, told to those who keep answers. */

/** Tags, or `everything`. */
export type Changed = readonly string[] | 'everything';

/** Ends the listening. `ready` resolves when nothing is missed any more; missing where that is so from the start. */
export interface Listening extends Disposable {
  readonly ready?: Promise<void>;
}

/** Somewhere that changes are heard from while somebody wants to know. */
export interface ChangeSource {
  /** Begins to listen; resolves nothing and never throws. `heard` is called for each change from then on, with `everything` when some may have been missed. */
  listen(heard: (changed: Changed) => void): Listening;
  /** Tells others who listen what may have changed by something that was done here. */
  announce?(changed: Changed): void;
}

export interface Changes extends Disposable {
  /** A change, whoever caused it. */
  tell(changed: Changed): void;
  /** `told` is false when nothing has changed, and what changes is just not heard any more. */
  heard(listener: (changed: Changed, told: boolean) => void): void;
  /** Listens from now on, for a while. Returns a mark for `since`, or undefined where nobody tells of changes, so that nothing may be kept. */
  listen(): number | undefined;
  /** Whether any of these tags may have changed after the mark. */
  since(mark: number, tags: readonly string[]): boolean;
  /** Stops listening when nobody has kept anything for a while; to be called now and then. */
  check(nowMs: number): void;
}

/** Tags whose last change is remembered; beyond it, everything before counts as changed. */
const REMEMBERED_MAX = 50_000;
/** Listening costs something for each reading, so it ends when no answer was kept for so long. */
const LISTEN_MS = 30_000;

export function openChanges(source: ChangeSource | undefined, nowMs: () => number): Changes {
  const listeners: ((changed: Changed, told: boolean) => void)[] = [];
  const lastChange = new Map<string, number>();
  let count = 0;
  /** Everything counts as changed at this count. */
  let floor = 0;
  let listening: Listening | undefined;
  let untilMs = 0;
  const forgetAll = (): void => {
    floor = count;
    lastChange.clear();
  };
  const pass = (changed: Changed, told: boolean): void => {
    count += 1;
    if (changed === 'everything') forgetAll();
    else for (const tag of changed) lastChange.set(tag, count);
    if (lastChange.size > REMEMBERED_MAX) forgetAll();
    for (const listener of listeners) listener(changed, told);
  };
  const tell = (changed: Changed): void => pass(changed, true);
  return {
    tell,
    heard: (listener) => void listeners.push(listener),
    listen() {
      if (!source) return undefined;
      untilMs = nowMs() + LISTEN_MS;
      if (!listening) {
        listening = source.listen(tell);
        const all = (): void => tell('everything');
        listening.ready?.then(all, all);
      }
      return count;
    },
    since(mark, tags) {
      if (floor > mark) return true;
      return tags.some((tag) => (lastChange.get(tag) ?? 0) > mark);
    },
    check(atMs) {
      if (!listening || atMs < untilMs) return;
      listening[Symbol.dispose]();
      listening = undefined;
      // What happens from now on is not heard: nothing from before may be given any more.
      pass('everything', false);
    },
    [Symbol.dispose]: () => listening?.[Symbol.dispose](),
  };
}
