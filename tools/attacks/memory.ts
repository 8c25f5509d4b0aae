import { residentMib } from '../bench/process-usage.ts';

const LOOK_EVERY_MS = 100;

/** The most resident memory of a process since it was last asked, in MiB. */
export interface MemoryWatch extends Disposable {
  peakMib(): number;
}

export function watchMemory(pid: number): MemoryWatch {
  let peak = 0;
  const looking = setInterval(() => {
    peak = Math.max(peak, residentMib(pid));
  }, LOOK_EVERY_MS);
  return {
    peakMib() {
      const most = Math.max(peak, residentMib(pid));
      peak = 0;
      return most;
    },
    [Symbol.dispose]: () => clearInterval(looking),
  };
}
