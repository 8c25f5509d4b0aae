/** Topics of native devices: `greencity/v1/{device}/…`. A device has only those below its own id. */

const PREFIX = 'greencity/v1/';

export type TopicKind = 'measurements' | 'status' | 'config/state' | 'unknown' | 'foreign';

/** What a topic is to this device. */
export function topicKind(deviceId: string, topic: string): TopicKind {
  if (!isBelow(deviceId, topic)) return 'foreign';
  const tail = topic.slice(PREFIX.length + deviceId.length + 1);
  switch (tail) {
    case 'measurements':
    case 'status':
    case 'config/state':
      return tail;
    default:
      return 'unknown';
  }
}

/** Whether a topic or a filter lies below the device's own id. */
export function isBelow(deviceId: string, topic: string): boolean {
  return (
    deviceId.length > 0 &&
    topic.startsWith(PREFIX) &&
    topic.startsWith(deviceId, PREFIX.length) &&
    topic[PREFIX.length + deviceId.length] === '/'
  );
}
