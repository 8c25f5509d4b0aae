/** What a device, or its last will, says of itself. */
import type { DeviceStatusReported } from '@greencity/schema/events/device';
import { type MessageBytes, parseJson, type RefusedPart, refusedMessage } from './native.ts';

export type DecodedStatus =
  | { readonly kind: 'status'; readonly status: Pick<DeviceStatusReported, 'state' | 'firmware' | 'bootId'> }
  | { readonly kind: 'refused'; readonly part: RefusedPart };

const FIRMWARE_CHARACTERS_MAX = 64;

/** A status, or why it is none. A firmware version or boot id that is not one is left out: the state is what counts. */
export function decodeStatus(message: MessageBytes): DecodedStatus {
  const parsed = parseJson(message.payload);
  if ('fault' in parsed) return { kind: 'refused', part: refusedMessage(message, 'MALFORMED_JSON', parsed.fault) };
  const { value } = parsed;
  const object = typeof value === 'object' && value !== null ? value : {};
  const { state, firmware, bootId } = object as { state?: unknown; firmware?: unknown; bootId?: unknown };
  if (state !== 'online' && state !== 'offline') {
    const detail = 'state: neither "online" nor "offline"';
    return { kind: 'refused', part: refusedMessage(message, 'NOT_A_STATUS', detail) };
  }
  const version = typeof firmware === 'string' ? { firmware: firmware.slice(0, FIRMWARE_CHARACTERS_MAX) } : {};
  const boot = Number.isSafeInteger(bootId) && Number(bootId) >= 0 ? { bootId: Number(bootId) } : {};
  return { kind: 'status', status: { state, ...version, ...boot } };
}
