/** Collects what is asked for in one turn of the event loop and gives it on together. */
export function turnCollector<T>(work: (collected: readonly T[]) => void): (item: T) => void {
  let collected: T[] = [];
  return (item) => {
    if (collected.push(item) > 1) return;
    setImmediate(() => {
      const all = collected;
      collected = [];
      work(all);
    });
  };
}
