import { tileOf } from '@greencity/air/place';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import {
  CITY_CHANNEL,
  deviceChannel,
  LIVE_TILE_ZOOM,
  type LiveReading,
  tileChannel,
} from '@greencity/schema/events/channels';

/** Tells live subscribers of readings that have become visible. */
export interface LivePublisher {
  /** @param text JSON of the processed reading: parsed only when somebody listens */
  publish(deviceId: string, text: string): void;
}

interface Channels {
  readonly device: string;
  readonly tile: string | undefined;
  /** The place that the tile was worked out from. */
  readonly place: object | undefined;
}

/** A publisher to the channels of the city, of a device's map tile, and of the device. */
export function createLivePublisher(pubSub: PubSub, directory: DeviceDirectory): LivePublisher {
  const known = new Map<string, Channels>();

  function channelsOf(deviceId: string): Channels {
    // The directory has a new object for each change of a device, so that the same object means the same place.
    const place = directory.device(deviceId);
    const found = known.get(deviceId);
    if (found && found.place === place) return found;
    const tile = place && tileChannel(tileOf(place, LIVE_TILE_ZOOM));
    const channels = { device: deviceChannel(deviceId), tile, place };
    known.set(deviceId, channels);
    return channels;
  }

  return {
    publish(deviceId, text) {
      const { device, tile } = channelsOf(deviceId);
      let message: LiveReading | undefined;
      for (const channel of [CITY_CHANNEL, device, tile]) {
        if (channel === undefined || !pubSub.hasSubscribers(channel)) continue;
        message ??= JSON.parse(text) as LiveReading;
        pubSub.publish(channel, message);
      }
    },
  };
}
