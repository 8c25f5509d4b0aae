/** What readings amounted to since the store was last written. */
import type {
  Changes,
  FoundAnomaly,
  HourSum,
  LatestValue,
  Position,
  SeriesName,
  StoredMemory,
  WithdrawnAnomaly,
} from './store/port.ts';

/** Changes that wait to be written. Of several of one name the last counts; hours add up. */
export interface Pending {
  addToHour(sum: HourSum): void;
  setLatest(latest: LatestValue): void;
  setMemory(stored: StoredMemory): void;
  found(anomaly: FoundAnomaly): void;
  withdrawn(gone: WithdrawnAnomaly): void;
  setPosition(position: Position): void;
  readonly isEmpty: boolean;
  /** Everything that waits; from then on nothing does. */
  take(): Changes;
  /** Puts back what could not be written; what came meanwhile is newer. */
  giveBack(changes: Changes): void;
}

interface Sums extends SeriesName {
  readonly hourMs: number;
  sum: number;
  count: number;
}

const nameOf = ({ deviceId, metric }: SeriesName) => `${metric} ${deviceId}`;
const hourName = (hour: Pick<HourSum, 'deviceId' | 'metric' | 'hourMs'>) => `${hour.hourMs} ${nameOf(hour)}`;
const faultName = (fault: WithdrawnAnomaly) => `${fault.kind} ${fault.fromMs} ${nameOf(fault)}`;

/** Nothing waits yet. */
export function createPending(): Pending {
  const hours = new Map<string, Sums>();
  const latest = new Map<string, LatestValue>();
  const memories = new Map<string, StoredMemory>();
  const found = new Map<string, FoundAnomaly>();
  const withdrawn = new Map<string, WithdrawnAnomaly>();
  const positions = new Map<number, Position>();
  const all = [hours, latest, memories, found, withdrawn, positions];

  function addSum({ sum, count, ...hour }: HourSum): void {
    const name = hourName(hour);
    const known = hours.get(name);
    if (!known) hours.set(name, { ...hour, sum, count });
    else {
      known.sum += sum;
      known.count += count;
    }
  }

  return {
    addToHour: addSum,
    setLatest: (value) => latest.set(nameOf(value), value),
    setMemory: (stored) => memories.set(nameOf(stored), stored),
    found(anomaly) {
      found.set(faultName(anomaly), anomaly);
    },
    withdrawn(gone) {
      found.delete(faultName(gone));
      withdrawn.set(faultName(gone), gone);
    },
    setPosition: (position) => positions.set(position.partition, position),
    get isEmpty() {
      return all.every((map) => map.size === 0);
    },
    take() {
      const taken: Changes = {
        positions: [...positions.values()],
        hours: [...hours.values()],
        latest: [...latest.values()],
        memories: [...memories.values()],
        withdrawn: [...withdrawn.values()],
        found: [...found.values()],
      };
      for (const map of all) map.clear();
      return taken;
    },
    giveBack(changes) {
      for (const sum of changes.hours) addSum(sum);
      for (const one of changes.latest) if (!latest.has(nameOf(one))) latest.set(nameOf(one), one);
      for (const one of changes.memories) if (!memories.has(nameOf(one))) memories.set(nameOf(one), one);
      for (const one of changes.positions) if (!positions.has(one.partition)) positions.set(one.partition, one);
      for (const one of changes.found) {
        const name = faultName(one);
        if (!found.has(name) && !withdrawn.has(name)) found.set(name, one);
      }
      for (const one of changes.withdrawn) withdrawn.set(faultName(one), one);
    },
  };
}
