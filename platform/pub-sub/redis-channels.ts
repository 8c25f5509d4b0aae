/** How channels are named in Redis, and how it is told there which of them may have listeners. */

export const CHANNEL_PREFIX = 'greencity:';

/** Between messages of one command: JSON has no such character outside of a string, and none in it that is not escaped. */
export const MESSAGE_SEPARATOR = '\n';

/**
 * The channel that everybody listens to who listens to a channel of the same family: of the same name up to the first slash. Nothing is ever published
 * there. One question about it spares the question about each of its thousands of devices or tiles. Undefined for a channel that is a family of its own.
 */
export function familyMark(channel: string): string | undefined {
  const slash = channel.indexOf('/');
  return slash < 0 ? undefined : `${CHANNEL_PREFIX}${channel.slice(0, slash)}/*`;
}
