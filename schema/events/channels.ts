import type { ProcessedReading } from './reading.ts';

/** Names of the pub/sub channels and what travels on them. Live only: whoever needs everything reads the log. */

/** Zoom level of the tiles that live measurements are published by: about 5 km wide at 57° N. */
export const LIVE_TILE_ZOOM = 12;

/** Live measurements of one map tile. */
export function tileChannel(tile: { readonly x: number; readonly y: number }): string {
  return `measurements:${LIVE_TILE_ZOOM}/${tile.x}/${tile.y}`;
}

/** Live measurements of the whole city. */
export const CITY_CHANNEL = 'measurements:all';

/** Live measurements of one device. */
export function deviceChannel(deviceId: string): string {
  return `measurements:device/${deviceId}`;
}

/** Message on the three channels above. */
export type LiveReading = ProcessedReading;

/** Changes of a device's status: `{ deviceId }`. */
export const DEVICE_STATUS_CHANNEL = 'devices:status';

/** Changes of alerts: an AlertChangedEvent. */
export const ALERT_CHANNEL = 'alerts:changed';
