import type { Client } from '@urql/core';
import { faultText } from './fault-text.ts';
import type { Metric } from './generated/graphql.ts';
import type { Bounds } from './map-layer.ts';
import { LIVE_MAP, MEASUREMENT_RECEIVED } from './operations.graphql.ts';
import { newer, type Station } from './station.ts';

const SOON_MS = 1_500;
const REFRESH_MS = 30_000;

export interface StationsListener {
  /** Devices to draw anew: all of them after a load, else those that changed since the last frame. */
  onStations(changed: readonly Station[], all: ReadonlyMap<string, Station>): void;
  /** Nothing could be asked: the same devices, older. */
  onAge(all: ReadonlyMap<string, Station>): void;
  onError(message: string): void;
}

/**
 * Keeps the newest value of each device in a box: the subscription and a query, which is asked again every half minute, so that nothing is
 * missed for longer and old values are seen to age. Changes reach the listener at most once a frame however many arrive. Returns how to stop.
 */
export function liveStations(
  urql: Client,
  view: { readonly within: Bounds; readonly metric: Metric },
  listener: StationsListener,
): () => void {
  const stations = new Map<string, Station>();
  const changed = new Map<string, Station>();
  let frame = 0;
  let stopped = false;

  function apply(station: Station): void {
    const kept = newer(stations.get(station.device.id), station);
    if (kept !== station) return;
    stations.set(station.device.id, station);
    changed.set(station.device.id, station);
    frame ||= requestAnimationFrame(flush);
  }
  function flush(): void {
    frame = 0;
    const drawn = [...changed.values()];
    changed.clear();
    listener.onStations(drawn, stations);
  }

  const events = urql
    .subscription(MEASUREMENT_RECEIVED, { within: view.within, metrics: [view.metric] })
    .subscribe((result) => {
      if (result.error) listener.onError(faultText(result.error));
      else if (result.data) apply(result.data.measurementReceived);
    });
  const load = async () => {
    const result = await urql.query(LIVE_MAP, view, { requestPolicy: 'network-only' }).toPromise();
    if (stopped) return;
    if (result.error) listener.onError(faultText(result.error));
    if (!result.data) {
      // Nothing new is heard: what is shown is drawn again, so that it is seen to age.
      if (stations.size > 0) listener.onAge(stations);
      return;
    }
    for (const station of result.data.latestMeasurements) apply(station);
    if (changed.size === 0) listener.onStations([], stations);
  };
  void load();
  // What fell between the first answer and the start of the subscription, or into a lost connection, is made good by asking again.
  const soon = setTimeout(() => void load(), SOON_MS);
  const regularly = setInterval(() => void load(), REFRESH_MS);
  return () => {
    events.unsubscribe();
    stopped = true;
    clearTimeout(soon);
    clearInterval(regularly);
    cancelAnimationFrame(frame);
  };
}
