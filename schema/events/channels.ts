import type { AlertChangedEvent, DeviceStatusChanged } from './device.ts';
import type { ProcessedReading } from './reading.ts';

/** Names of the pub/sub channels and what travels on them. Live only: whoever needs everything reads the log. */

/**
 * Zoom levels of the tiles that live measurements are published by, finest first: about 5, 80 and 1,300 km wide at 57° N. A subscriber of a box
 * listens to the finest level of which few tiles cover it.
 */
export const LIVE_TILE_ZOOMS = [12, 8, 4] as const;

/** Live measurements of one map tile. */
export function tileChannel(zoom: number, tile: { readonly x: number; readonly y: number }): string {
  return `measurements:${zoom}/${tile.x}/${tile.y}`;
}

/** Tells gateways that a mutation was executed by one of them. */
export const ANSWERS_CHANNEL = 'answers:changed';

/** Message on that channel. */
export interface LiveAnswersChanged {
  /** The gateway that executed it, told from others by this. */
  readonly gateway: string;
  /** Tags of what it may have changed of kept answers; anything when they are missing. */
  readonly tags?: readonly string[];
}

/** Live measurements of the whole city. */
export const CITY_CHANNEL = 'measurements:all';

/** Live measurements of one device. */
export function deviceChannel(deviceId: string): string {
  return `measurements:device/${deviceId}`;
}

/** Message on the three channels above. */
export interface LiveReading {
  /** Of its record in `processed.measurements`. */
  readonly offset: number;
  readonly reading: ProcessedReading;
}

/** JSON text of a LiveReading around that of its reading. */
export function liveReadingText(offset: number, reading: string): string {
  return `{"offset":${offset},"reading":${reading}}`;
}

/** Changes of devices' status. */
export const DEVICE_STATUS_CHANNEL = 'devices:status';

/** Message on the channel above. */
export interface LiveDeviceStatus {
  /** Of its record in `device.status.changes`; missing while the log cannot take it. */
  readonly offset?: number;
  readonly change: DeviceStatusChanged;
}

/** Changes of alerts. */
export const ALERT_CHANNEL = 'alerts:changed';

/** Message on the channel above. */
export interface LiveAlert {
  /** Of its record in `alerts`; missing while the log cannot take it. */
  readonly offset?: number;
  readonly change: AlertChangedEvent;
}
