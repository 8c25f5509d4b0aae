/** From messages to the log: decides what is a reading, appends it, and keeps what is not. Stores nothing itself. */
import type { AcceptedReading } from '@greencity/air/reading';
import type { Broker, BrokerHandlers, IncomingMessage } from '@greencity/platform/broker/port';
import type { Clock } from '@greencity/platform/clock/port';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { AppError } from '@greencity/platform/errors';
import type { EventLog, Topic } from '@greencity/platform/event-log/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { DeviceChanged, DeviceStatusReported } from '@greencity/schema/events/device';
import type { DeadLetter, DeadLetterReason } from '@greencity/schema/events/reading';
import { credentials } from './credentials.ts';
import { decodeNative, type MessageLimits, type RefusedPart, refusedMessage } from './decode/native.ts';
import { type PlainReading, plainReading } from './decode/plain.ts';
import { decodeStatus } from './decode/status.ts';
import { type GatheredAppend, gatheredAppend } from './gathered-append.ts';
import { rawReadingHead, rawReadingText, valuesText } from './raw-reading.ts';
import { type Refusals, refusals } from './refusals.ts';
import { isBelow, topicKind } from './topics.ts';

export interface IngestSettings {
  /** Readings from so long ago are still taken. */
  readonly acceptAgeMs: number;
  /** Readings so far in the future are still taken. */
  readonly acceptAheadMs: number;
  readonly readingsPerMessageMax: number;
  readonly payloadBytesMax: number;
}

export interface IngestOptions {
  readonly eventLog: EventLog;
  readonly directory: DeviceDirectory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly settings: IngestSettings;
}

export interface Ingest extends AsyncDisposable {
  /** For the broker that is opened next. */
  readonly handlers: BrokerHandlers;
  /** Ends sessions of devices that are retired or whose secret is no longer valid, from now until closed. */
  guard(broker: Pick<Broker, 'disconnect'>): void;
  /** Sends what a dead letter kept through validation again, as received when it was. Resolves when it is durable; the letter itself stays. */
  redeliver(letter: DeadLetter): Promise<Redelivery>;
  /** Resolves when everything received has been settled. Close the broker first. */
  close(): Promise<void>;
}

/** What became of a dead letter: taken, whole or in part, or refused again. */
export type Redelivery =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: DeadLetterReason };

/** The state that the handlers share. */
interface Intake extends IngestOptions {
  readonly refusals: Refusals;
  readonly readings: GatheredAppend;
  readonly letters: GatheredAppend;
  readonly statuses: GatheredAppend;
  /** Beginning of each device's records, kept with the version of the device it was made for. */
  readonly heads: Map<string, { readonly device: DeviceChanged; readonly head: string }>;
}

const APPEND_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Opens ingest. What its handlers resolve is durable: in `raw.measurements`, `device.status` or the dead letters. */
export function openIngest(options: IngestOptions): Ingest {
  const appends = appendsOf(options);
  const intake: Intake = {
    ...options,
    refusals: refusals(options.metrics),
    readings: appends('raw.measurements'),
    letters: appends('raw.measurements.dlq'),
    statuses: appends('device.status'),
    heads: new Map(),
  };
  const who = credentials(options.directory);
  const guards = new DisposableStack();
  const close = async () => {
    guards.dispose();
    await Promise.all([intake.readings.settled(), intake.letters.settled(), intake.statuses.settled()]);
  };
  return {
    handlers: {
      signIn: (deviceId, secret) => who.signIn(deviceId, secret),
      mayPublish(deviceId, topic) {
        const kind = topicKind(deviceId, topic);
        return kind !== 'foreign' && kind !== 'unknown';
      },
      maySubscribe: isBelow,
      receive: (message) => receive(intake, message),
      turnAway: (message) => turnAway(intake, message),
    },
    guard: (broker) => void guards.use(who.guard(broker)),
    redeliver: (letter) => redeliver(intake, letter),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Appends that are counted, and whose failures are said once, not once for each message. */
function appendsOf({ eventLog, log, metrics }: IngestOptions): (topic: Topic) => GatheredAppend {
  const seconds = metrics.histogram(
    'ingest_append_seconds',
    'Time until what was received is durable.',
    APPEND_SECONDS,
  );
  const failures = (code: string) =>
    metrics.counter('ingest_not_durable_total', 'Records that the log did not take; devices send them again.', {
      code,
    });
  let failing = false;
  return (topic) => {
    const appended = metrics.counter('ingest_appended_total', 'Records that were made durable.', { topic });
    return gatheredAppend({
      eventLog,
      topic,
      seconds,
      onAppended(records) {
        appended.add(records);
        if (failing) log.info({ topic }, 'the log takes records again');
        failing = false;
      },
      onFailure(error, records) {
        const code = error instanceof AppError ? error.code : 'UNEXPECTED';
        failures(code).add(records);
        if (!failing) log.error({ topic, code, error }, 'the log takes no records; nothing is acknowledged');
        failing = true;
      },
    });
  };
}

/** Resolves when all of the message is durable. */
function receive(intake: Intake, message: IncomingMessage): Promise<void> {
  switch (topicKind(message.deviceId, message.topic)) {
    case 'measurements':
      return receiveReadings(intake, message);
    case 'status':
      return receiveStatus(intake, message);
    case 'config/state':
      // The broker keeps the newest; nobody needs the history of it.
      return Promise.resolve();
    case 'unknown':
    case 'foreign':
      return turnAway(intake, message).then(() => {});
  }
}

function receiveReadings(intake: Intake, message: IncomingMessage): Promise<void> {
  const receivedAtMs = intake.clock.nowMs();
  const device = intake.directory.device(message.deviceId);
  if (device && !device.retired) return receiveFrom(intake, device, message, receivedAtMs);
  return receiveFromUnknown(intake, message, receivedAtMs);
}

/** A broker that signs devices in itself may know one before the log has told of it here. */
async function receiveFromUnknown(intake: Intake, early: IncomingMessage, receivedAtMs: number): Promise<void> {
  // The broker's own bytes are written over while this waits.
  const message = { ...early, payload: Uint8Array.from(early.payload) };
  await intake.directory.caughtUp();
  const device = intake.directory.device(message.deviceId);
  if (device && !device.retired) return await receiveFrom(intake, device, message, receivedAtMs);
  const reason = device ? 'RETIRED_DEVICE' : 'UNKNOWN_DEVICE';
  await refuse(intake, message, [refusedMessage(message, reason, 'the device was known when it signed in')]);
}

function receiveFrom(
  intake: Intake,
  device: DeviceChanged,
  message: IncomingMessage,
  receivedAtMs: number,
): Promise<void> {
  const limits = limitsAt(intake, receivedAtMs);
  const plain = message.payloadBytes > limits.payloadBytesMax ? undefined : plainReading(message.payload, limits);
  if (plain) return keep(intake, device, plain, receivedAtMs);
  const { readings, refusals: refused } = decodeNative(message, limits);
  const [first] = readings;
  if (first && readings.length === 1 && refused.length === 0) return keepDecoded(intake, device, first, receivedAtMs);
  const kept = readings.map((reading) => keepDecoded(intake, device, reading, receivedAtMs));
  return Promise.all([...kept, refuse(intake, message, refused)]).then(() => {});
}

/** Letters that were written after ingest hold records, not messages; sending them again could only end the same way. */
const NOT_FROM_A_MESSAGE: ReadonlySet<DeadLetterReason> = new Set(['CONFLICT', 'UNREADABLE_RECORD']);

async function redeliver(intake: Intake, letter: DeadLetter): Promise<Redelivery> {
  const device = letter.deviceId === undefined ? undefined : intake.directory.device(letter.deviceId);
  if (NOT_FROM_A_MESSAGE.has(letter.reason)) return { kind: 'refused', reason: letter.reason };
  // What was sent to another device's topic must not become this device's reading.
  const kind = topicKind(letter.deviceId ?? '', letter.topic ?? '');
  if (letter.topic !== undefined && kind !== 'measurements') return { kind: 'refused', reason: letter.reason };
  if (!device) return { kind: 'refused', reason: 'UNKNOWN_DEVICE' };
  if (device.retired) return { kind: 'refused', reason: 'RETIRED_DEVICE' };
  const payload = Buffer.from(letter.payload, letter.encoding);
  const { readings, refusals: refused } = decodeNative(
    { payload, payloadBytes: payload.length },
    limitsAt(intake, letter.receivedAtMs),
  );
  if (readings.length === 0) return { kind: 'refused', reason: refused[0]?.reason ?? letter.reason };
  await Promise.all(readings.map((reading) => keepDecoded(intake, device, reading, letter.receivedAtMs)));
  return { kind: 'accepted' };
}

function limitsAt({ settings }: Intake, receivedAtMs: number): MessageLimits {
  return {
    receivedAtMs,
    ageMsMax: settings.acceptAgeMs,
    aheadMsMax: settings.acceptAheadMs,
    readingsMax: settings.readingsPerMessageMax,
    payloadBytesMax: settings.payloadBytesMax,
  };
}

function keepDecoded(
  intake: Intake,
  device: DeviceChanged,
  reading: AcceptedReading,
  receivedAtMs: number,
): Promise<void> {
  const { timeMs, timeSource, bootId, seq, values } = reading;
  return keep(intake, device, { timeMs, timeSource, bootId, seq, valuesText: valuesText(values) }, receivedAtMs);
}

function keep(intake: Intake, device: DeviceChanged, reading: PlainReading, receivedAtMs: number): Promise<void> {
  const value = rawReadingText(headOf(intake, device), reading, receivedAtMs);
  return intake.readings.add({ key: device.zoneId, value });
}

function headOf({ heads }: Intake, device: DeviceChanged): string {
  const known = heads.get(device.deviceId);
  if (known?.device === device) return known.head;
  const head = rawReadingHead(device);
  heads.set(device.deviceId, { device, head });
  return head;
}

async function refuse(intake: Intake, message: IncomingMessage, parts: readonly RefusedPart[]): Promise<void> {
  const receivedAtMs = intake.clock.nowMs();
  await Promise.all(parts.map((part) => intake.letters.add(intake.refusals.letter(message, part, receivedAtMs))));
}

async function receiveStatus(intake: Intake, message: IncomingMessage): Promise<void> {
  // An empty retained message clears what the broker keeps, and says nothing of the device.
  if (message.payloadBytes === 0) return;
  const { deviceId } = message;
  const decoded = decodeStatus(message);
  if (decoded.kind === 'refused') return await refuse(intake, message, [decoded.part]);
  const status: DeviceStatusReported = { v: 1, deviceId, atMs: intake.clock.nowMs(), ...decoded.status };
  await intake.statuses.add({ key: deviceId, value: JSON.stringify(status) });
}

/** A topic of another device ends the session; one of its own that we do not know may come from newer firmware. */
async function turnAway(intake: Intake, message: IncomingMessage): Promise<'continue' | 'disconnect'> {
  const foreign = topicKind(message.deviceId, message.topic) === 'foreign';
  const reason = foreign ? 'FOREIGN_TOPIC' : 'UNKNOWN_TOPIC';
  await refuse(intake, message, [refusedMessage(message, reason, message.topic)]);
  return foreign ? 'disconnect' : 'continue';
}
