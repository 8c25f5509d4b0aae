import { tileOf } from '@greencity/air/place';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import {
  CITY_CHANNEL,
  deviceChannel,
  LIVE_TILE_ZOOMS,
  liveReadingText,
  tileChannel,
} from '@greencity/schema/events/channels';

/** Tells live subscribers of readings that have become visible. */
export interface LivePublisher {
  /** @param text JSON of the processed reading. `offset` is its record's in `processed.measurements`. */
  publish(deviceId: string, text: string, offset: number): void;
}

interface Channels {
  /** Of the city, the device and the tiles that it lies in. */
  readonly names: readonly string[];
  /** The place that the tiles were worked out from. */
  readonly place: object | undefined;
}

/** A publisher to the channels of the city, of a device's map tiles, and of the device. */
export function createLivePublisher(pubSub: PubSub, directory: DeviceDirectory): LivePublisher {
  const known = new Map<string, Channels>();

  function channelsOf(deviceId: string): Channels {
    // The directory has a new object for each change of a device, so that the same object means the same place.
    const place = directory.device(deviceId);
    const found = known.get(deviceId);
    if (found && found.place === place) return found;
    const tiles = place ? LIVE_TILE_ZOOMS.map((zoom) => tileChannel(zoom, tileOf(place, zoom))) : [];
    const channels = { names: [CITY_CHANNEL, deviceChannel(deviceId), ...tiles], place };
    known.set(deviceId, channels);
    return channels;
  }

  return {
    publish: (deviceId, text, offset) => pubSub.publishText(channelsOf(deviceId).names, liveReadingText(offset, text)),
  };
}
