/** Memory that is given back at once instead of when the collector comes to it. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How the engine is asked for a full collection. The last resort also gives back the room for new objects, which a plain one leaves as large as it ever was. */
const LAST_RESORT = { type: 'major', execution: 'sync', flavor: 'last-resort' } as const;

/** Collects everything that nobody holds any more: some tenths of a second in which nothing else happens. */
export function giveMemoryBack(): void {
  // The engine only hands its collector to contexts that are made while this is set.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (how: typeof LAST_RESORT) => void;
  setFlagsFromString('--no-expose-gc');
  collect(LAST_RESORT);
}
