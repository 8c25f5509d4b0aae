/** Sends readings as their devices: a connection each, QoS 1, and no more in flight than the platform wants. */
import type { Clock } from '@greencity/platform/clock/port';
import mqtt, { type MqttClient } from 'mqtt';
import { ApiError } from '../operator/api.ts';
import { MESSAGE_BYTES_MAX, measurementsTopic, packMessages, type Reading, readingText } from '../operator/message.ts';
import type { DeviceCredentials } from '../operator/roster.ts';

const IN_FLIGHT_PER_DEVICE_MAX = 8;
const ACKNOWLEDGE_WITHIN_MS = 60_000;
const RECONNECT_MS = 1_000;

export interface PublisherOptions {
  readonly mqttUrl: string;
  readonly credentials: ReadonlyMap<string, DeviceCredentials>;
  /** True packs readings of a device into arrays; false sends each at once. */
  readonly packed: boolean;
  readonly clock: Clock;
}

export interface Publisher extends AsyncDisposable {
  readonly counts: { readonly published: number; readonly acknowledged: number; readonly messages: number };
  /** Takes a reading of a device; resolves when there is room for the next. @throws ApiError UNREACHABLE when nothing is acknowledged for a minute */
  send(deviceId: string, reading: Reading): Promise<void>;
  /** Sends what is still held back and waits until all is acknowledged. @throws ApiError UNREACHABLE */
  flush(): Promise<void>;
}

interface Lane {
  readonly deviceId: string;
  readonly client: MqttClient;
  held: Reading[];
  heldBytes: number;
  readonly inFlight: Set<Promise<unknown>>;
}

interface State extends PublisherOptions {
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly counts: { published: number; acknowledged: number; messages: number };
  failure: ApiError | undefined;
}

/** Connects all devices. @throws ApiError UNREACHABLE when one cannot */
export async function openPublisher(options: PublisherOptions): Promise<Publisher> {
  const lanes = new Map<string, Lane>();
  const state: State = {
    ...options,
    lanes,
    counts: { published: 0, acknowledged: 0, messages: 0 },
    failure: undefined,
  };
  await using opening = new AsyncDisposableStack();
  for (const [deviceId, credentials] of options.credentials) {
    const client = await connect(options.mqttUrl, credentials);
    opening.defer(() => client.endAsync(true));
    lanes.set(deviceId, { deviceId, client, held: [], heldBytes: 0, inFlight: new Set() });
  }
  const open = opening.move();
  return {
    counts: state.counts,
    send: (deviceId, reading) => send(state, deviceId, reading),
    async flush() {
      for (const lane of lanes.values()) {
        release(state, lane);
        while (lane.inFlight.size > 0) await room(state, lane, 1);
      }
      if (state.failure) throw state.failure;
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

async function connect(url: string, { username, password }: DeviceCredentials): Promise<MqttClient> {
  try {
    const settings = { username, password, clientId: username, reconnectPeriod: RECONNECT_MS };
    const client = await mqtt.connectAsync(url, settings, false);
    // A connection that breaks later is made again, and what was not acknowledged is sent again.
    client.on('error', () => undefined);
    return client;
  } catch (cause) {
    throw new ApiError('UNREACHABLE', `${username} cannot connect to ${url}: ${(cause as Error).message}`, { cause });
  }
}

async function send(state: State, deviceId: string, reading: Reading): Promise<void> {
  const lane = state.lanes.get(deviceId);
  if (!lane) throw new Error(`no connection for ${deviceId}`);
  if (state.failure) throw state.failure;
  const bytes = readingText(reading).length + 1;
  if (lane.held.length > 0 && lane.heldBytes + bytes + 2 > MESSAGE_BYTES_MAX) {
    release(state, lane);
    await room(state, lane, IN_FLIGHT_PER_DEVICE_MAX);
  }
  lane.held.push(reading);
  lane.heldBytes += bytes;
  if (state.packed) return;
  release(state, lane);
  await room(state, lane, IN_FLIGHT_PER_DEVICE_MAX);
}

/** Publishes what a lane holds back. */
function release(state: State, lane: Lane): void {
  for (const { payload, readings } of packMessages(lane.held)) {
    state.counts.published += readings;
    state.counts.messages += 1;
    const sent = lane.client
      .publishAsync(measurementsTopic(lane.deviceId), payload, { qos: 1 })
      .then(() => {
        state.counts.acknowledged += readings;
      })
      .catch((cause: Error) => {
        state.failure ??= new ApiError('UNREACHABLE', `${lane.deviceId}: ${cause.message}`, { cause });
      })
      .finally(() => lane.inFlight.delete(sent));
    lane.inFlight.add(sent);
  }
  lane.held = [];
  lane.heldBytes = 0;
}

/** Waits until fewer than `limit` messages of a lane are in flight. */
async function room(state: State, lane: Lane, limit: number): Promise<void> {
  while (lane.inFlight.size >= limit && !state.failure) {
    const late = new AbortController();
    const deadline = state.clock.sleep(ACKNOWLEDGE_WITHIN_MS, late.signal).then(() => !late.signal.aborted);
    const gaveUp = await Promise.race([deadline, ...[...lane.inFlight].map((sent) => sent.then(() => false))]);
    late.abort();
    if (gaveUp)
      throw new ApiError('UNREACHABLE', `The broker at ${state.mqttUrl} has acknowledged nothing for a minute.`);
  }
  if (state.failure) throw state.failure;
}
