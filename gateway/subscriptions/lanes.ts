/** Lets so many pieces of work run at once; the others wait in line. */
export type Lanes = <T>(work: () => Promise<T>) => Promise<T>;

export function openLanes(lanesMax: number): Lanes {
  const line: (() => void)[] = [];
  let taken = 0;
  return async (work) => {
    if (taken >= lanesMax) await new Promise<void>((resolve) => line.push(resolve));
    else taken += 1;
    try {
      return await work();
    } finally {
      // The lane passes to the next in line as it is.
      const next = line.shift();
      if (next) next();
      else taken -= 1;
    }
  };
}
