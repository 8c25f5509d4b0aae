/** Runs one piece of work after the other, in the order they were asked for. A failure reaches its own caller alone. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** A new queue of work, empty. */
export function createInTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work, work);
    last = done.catch(() => {});
    return done;
  };
}
