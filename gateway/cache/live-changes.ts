/** Changes as the platform tells them live: readings, status, alerts, and mutations of other gateways. */
import { randomUUID } from 'node:crypto';
import { METRICS, type Metric, metricDefinition } from '@greencity/air/metric';
import { type Place, tileOf } from '@greencity/air/place';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import {
  ALERT_CHANNEL,
  ANSWERS_CHANNEL,
  CITY_CHANNEL,
  DEVICE_STATUS_CHANNEL,
  LIVE_TILE_ZOOMS,
  type LiveAlert,
  type LiveAnswersChanged,
  type LiveDeviceStatus,
  type LiveReading,
} from '@greencity/schema/events/channels';
import type { Changed, ChangeSource } from './changes.ts';
import { ANY_STATUS, ANY_TILE, tileTag } from './dependencies.ts';
import { ANY_READING, entityTag } from './record.ts';

/** Messages that wait to be heard; beyond, some are lost, and everything counts as changed. */
const QUEUE_MAX = 10_000;

/** What travels on these channels. */
type Live = LiveReading | LiveDeviceStatus | LiveAlert | LiveAnswersChanged;

/** Listens to the platform's channels. `placeOf` says where a device is, where this process knows it. */
export function liveChanges(pubSub: PubSub, placeOf: (deviceId: string) => Place | undefined): ChangeSource {
  const gateway = randomUUID();
  return {
    announce: (changed) =>
      pubSub.publish(ANSWERS_CHANNEL, {
        gateway,
        ...(changed === 'everything' ? {} : { tags: changed }),
      } satisfies LiveAnswersChanged),
    listen(heard) {
      const channels = [CITY_CHANNEL, DEVICE_STATUS_CHANNEL, ALERT_CHANNEL, ANSWERS_CHANNEL];
      const messages = pubSub.subscribe<Live>(channels, { queueMax: QUEUE_MAX });
      let dropped = 0;
      const read = async (): Promise<void> => {
        for await (const message of messages) {
          if (messages.dropped > dropped) heard('everything');
          dropped = messages.dropped;
          const changed = changedBy(message, placeOf, gateway);
          if (changed) heard(changed);
        }
      };
      // Whatever ends it, from then on changes are not heard.
      read().then(
        () => heard('everything'),
        () => heard('everything'),
      );
      return { ready: messages.ready, [Symbol.dispose]: () => void messages.return() };
    },
  };
}

/** What a message changes; undefined for what this gateway has told itself. */
function changedBy(
  message: Live,
  placeOf: (deviceId: string) => Place | undefined,
  gateway: string,
): Changed | undefined {
  if ('gateway' in message) return message.gateway === gateway ? undefined : (message.tags ?? 'everything');
  return 'reading' in message ? readingTags(message.reading, placeOf) : changeTags(message.change);
}

const METRIC_OF_KEY = new Map<string, Metric>(METRICS.map((metric) => [metricDefinition(metric).key, metric]));

function readingTags(
  { deviceId, zoneId, values }: LiveReading['reading'],
  placeOf: (deviceId: string) => Place | undefined,
): readonly string[] {
  const tags = [ANY_READING, entityTag('Device', deviceId), entityTag('Zone', zoneId), 'devices'];
  const place = placeOf(deviceId);
  if (!place) return [...tags, ANY_TILE];
  const metrics = Object.keys(values).flatMap((key) => METRIC_OF_KEY.get(key) ?? []);
  for (const zoom of LIVE_TILE_ZOOMS) {
    const tile = tileOf(place, zoom);
    for (const metric of metrics) tags.push(tileTag(zoom, tile, metric));
  }
  return tags;
}

function changeTags(change: (LiveDeviceStatus | LiveAlert)['change']): readonly string[] {
  const ofAlert = 'alertId' in change;
  const tags = ofAlert ? ['alerts', entityTag('Zone', change.zoneId)] : ['devices', ANY_STATUS];
  return change.deviceId === undefined ? tags : [...tags, entityTag('Device', change.deviceId)];
}
