/**
 * A subscription with a session that outlives its connections. Messages are handed on in their order, many at a time, and each is acknowledged when it was
 * handled: a client that acknowledges by itself, as most do, would hand on one at a time.
 */
import { connect, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { generate, type Packet } from 'mqtt-packet';
import type { Clock } from '../../clock/port.ts';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';
import { type Frame, type FrameFault, frameReader } from '../embedded/frames.ts';
import { type InFlight, inFlight, type Lost } from './in-flight.ts';
import {
  connackReason,
  disconnectReason,
  type Message,
  PACKET,
  pubacks,
  readPublish,
  sessionIsPresent,
  subackReason,
} from './packets.ts';
import { brokerName, type MosquittoConnection, openStanding, portOf, type Standing } from './standing.ts';

const VERSION = { protocolVersion: 5 } as const;
const SUCCESS = 0;
/** SUBACK: codes from here on are refusals. */
const REFUSED_FROM = 128;
const READY_WITHIN_MS = 5_000;
/** Sooner than devices come back: what they send to a broker that has forgotten who listens is acknowledged and dropped. */
const RECONNECT_MS = 100;
const KEEP_ALIVE_S = 10;
const PING_EVERY_MS = 3_000;
/** Mosquitto answers each ping. One that is silent for so long is told of; it may have other work, and is listened to. */
const QUIET_MS = 8_000;
/** After so long the connection is given up. */
const DEAD_MS = 30_000;
/** Topic and properties before a payload. */
const HEAD_BYTES_MAX = 4_096;
const READ_BYTES_MAX = 65_536;
/** What MQTT can say. */
const PACKET_BYTES_MAX = 268_435_455;
const FORGOTTEN = 'Mosquitto has forgotten our session; messages of the last moments may be lost';
const SUBSCRIBE_ID = 1;
const NEVER_RETAINED = 2;
const RETRY_DELAY_FIRST_MS = 200;
const RETRY_DELAY_MAX_MS = 10_000;

export interface ConsumerOptions {
  readonly connection: MosquittoConnection;
  /** Names the session. */
  readonly clientId: string;
  readonly filter: string;
  /** The broker keeps what is not acknowledged, and what comes meanwhile, for a consumer that is away so long. */
  readonly sessionS: number;
  /** Of a longer message the rest is passed over. */
  readonly payloadBytesMax: number;
  /** Messages that may be unacknowledged at a time. The broker is told so; one that sends more all the same (Mosquitto 2.0) is not read from meanwhile. */
  readonly inFlightMax: number;
  /** Resolves when a message may be acknowledged. When it rejects, the connection is given up after a while: the broker sends it again only to one that comes back. */
  handle(message: Message): Promise<void>;
  /** Told how many messages were handled in vain. */
  onUnacknowledged(messages: number): void;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Consumer {
  readonly standing: Pick<Standing, 'trouble' | 'connected'>;
  /** What is in hand is finished and acknowledged; what comes after stays with the broker. */
  close(): Promise<void>;
}

interface State extends ConsumerOptions {
  readonly standing: Standing;
  readonly closing: AbortController;
  /** Connections in a row that were given up because messages could not be handled. */
  failures: number;
  /** Whether it has been subscribed since it was opened. */
  stood: boolean;
}

/** Connects, and again whenever the connection is lost or was refused. */
export function openConsumer(options: ConsumerOptions): Consumer {
  const standing = openStanding(options.connection, options.log);
  const state: State = { ...options, standing, closing: new AbortController(), failures: 0, stood: false };
  const { signal } = state.closing;
  const running = (async () => {
    while (!signal.aborted) {
      const end = await session(state);
      if (end === 'lost') standing.closed();
      await options.clock.sleep(RECONNECT_MS, signal);
    }
  })();
  return {
    standing,
    async close() {
      state.closing.abort();
      await running;
    },
  };
}

/** One connection, from its beginning to its end: lost, or given up by ourselves. */
async function session(state: State): Promise<'lost' | 'given up'> {
  const { clock, closing, standing } = state;
  const socket = dial(state.connection, (bytes) => reading.take(bytes));
  let end: 'lost' | 'given up' = 'lost';
  const messages = inFlight({
    handle: state.handle,
    messagesMax: state.inFlightMax,
    acknowledge(messageIds) {
      state.failures = 0;
      acknowledge(socket, messageIds);
    },
    failed(lost, error) {
      state.onUnacknowledged(lost.messages);
      if (end === 'lost') void hangUpLater(state, socket, { lost, error });
      end = 'given up';
    },
    onRoom: () => reading.resume(),
  });
  socket.on('error', standing.fails);
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  using reading = read(state, socket, messages);
  const leave = async () => {
    end = 'given up';
    socket.pause();
    await messages.finish();
    send(socket, { cmd: 'disconnect', reasonCode: SUCCESS });
    socket.destroySoon();
  };
  closing.signal.addEventListener('abort', leave, { once: true });
  const late = new AbortController();
  void clock.sleep(READY_WITHIN_MS, late.signal).then(() => {
    if (standing.trouble && !late.signal.aborted) socket.destroy(new Error('it does not answer'));
  });
  send(socket, connectPacket(state));
  await ended;
  late.abort();
  closing.signal.removeEventListener('abort', leave);
  return end;
}

interface Reading extends Disposable {
  take(bytes: Buffer): void;
  /** Goes on after there was no room for another message. */
  resume(): void;
}

/** What the broker sends, and whether it still does. */
function read(state: State, socket: Socket, messages: InFlight): Reading {
  const { clock } = state;
  let heardAtMs = clock.elapsedMs();
  let isQuiet = false;
  const frames = frameReader({
    keptBytesMax: state.payloadBytesMax + HEAD_BYTES_MAX,
    packetBytesMax: PACKET_BYTES_MAX,
    onFrame(frame) {
      if (frame.header >> 4 === PACKET.PUBLISH) return published(socket, messages, frame);
      answered(state, socket, frame);
      return true;
    },
  });
  const judge = (fault: FrameFault | undefined) => {
    if (fault) socket.destroy(new Error(`it sent what is not MQTT: ${fault}`));
  };
  const watch = clock.every(PING_EVERY_MS, () => {
    // Who does not listen hears nothing.
    if (socket.isPaused()) heardAtMs = clock.elapsedMs();
    const silentMs = clock.elapsedMs() - heardAtMs;
    if (silentMs > DEAD_MS) return void socket.destroy(new Error('no sign of life'));
    send(socket, { cmd: 'pingreq' });
    if (silentMs <= QUIET_MS || state.standing.trouble) return;
    isQuiet = true;
    state.standing.fails(new Error('it does not answer'));
  });
  return {
    take(bytes) {
      heardAtMs = clock.elapsedMs();
      if (isQuiet) state.standing.stands();
      isQuiet = false;
      judge(frames.push(bytes));
    },
    resume() {
      socket.resume();
      judge(frames.resume());
    },
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}

/** Takes a message. Returns whether another may come. */
function published(socket: Socket, messages: InFlight, frame: Frame): boolean {
  const message = readPublish(frame);
  if (!message) {
    socket.destroy(new Error('it sent a message that cannot be read'));
    return false;
  }
  const room = messages.add(message);
  if (!room) socket.pause();
  return room;
}

function answered(state: State, socket: Socket, frame: Frame): void {
  const { connection, filter, standing, log } = state;
  switch (frame.header >> 4) {
    case PACKET.CONNACK: {
      const code = connackReason(frame);
      if (code === SUCCESS && state.stood && !sessionIsPresent(frame))
        log.error({ broker: brokerName(connection) }, FORGOTTEN);
      if (code === SUCCESS) send(socket, subscribePacket(filter));
      else socket.destroy(Object.assign(new Error('connection refused'), { code }));
      break;
    }
    case PACKET.SUBACK:
      // At each connection: Mosquitto saves sessions now and then, and one that it found again after a crash may lack what was subscribed since.
      if (subackReason(frame) < REFUSED_FROM) {
        standing.stands();
        state.stood = true;
      } else
        socket.destroy(new AppError('ENGINE_REFUSED', `${brokerName(connection)}: may not subscribe to ${filter}`));
      break;
    case PACKET.DISCONNECT:
      socket.destroy(new Error(`it ended the session with reason ${disconnectReason(frame)}`));
      break;
    default:
  }
}

interface Failure {
  readonly lost: Lost;
  readonly error: unknown;
}

async function hangUpLater(state: State, socket: Socket, { lost, error }: Failure): Promise<void> {
  const { clock, closing, log } = state;
  const retryDelayMs = Math.min(RETRY_DELAY_FIRST_MS * 2 ** state.failures, RETRY_DELAY_MAX_MS);
  state.failures += 1;
  log.warn({ topic: lost.topic, retryDelayMs, error }, 'a message is not durable and not acknowledged');
  await clock.sleep(retryDelayMs, closing.signal);
  if (!closing.signal.aborted) socket.destroy();
}

function dial({ url, ca }: MosquittoConnection, onBytes: (bytes: Buffer) => void): Socket {
  const { hostname: host, protocol } = new URL(url);
  const port = portOf({ url });
  if (protocol !== 'mqtts:') return connect({ host, port, noDelay: true, onread: intoOneBuffer(onBytes) });
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = connectSecurely({ host, port, ...name, ...(ca !== undefined && { ca }) }).setNoDelay(true);
  return socket.on('data', onBytes);
}

/** Node makes a buffer of 64 KiB for each read, which the system maps and takes back, however little was read. This reads into one, again and again. */
function intoOneBuffer(onBytes: (bytes: Buffer) => void): OnReadOpts {
  return {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES_MAX),
    callback(read, buffer) {
      onBytes(Buffer.from(buffer.buffer, buffer.byteOffset, read));
      return true;
    },
  };
}

function connectPacket({ connection, clientId, sessionS, inFlightMax }: State): Packet {
  const { username, password } = new URL(connection.url);
  return {
    ...{ cmd: 'connect', protocolId: 'MQTT', ...VERSION, clientId, clean: false, keepalive: KEEP_ALIVE_S },
    ...{ username: decodeURIComponent(username), password: Buffer.from(decodeURIComponent(password)) },
    properties: { sessionExpiryInterval: sessionS, receiveMaximum: inFlightMax },
  };
}

function subscribePacket(topic: string): Packet {
  // What is retained was told when it was published; with each message it is said whether it was to be retained.
  const options = { qos: 1, nl: false, rap: true, rh: NEVER_RETAINED } as const;
  return { cmd: 'subscribe', messageId: SUBSCRIBE_ID, subscriptions: [{ topic, ...options }] };
}

function acknowledge(socket: Socket, messageIds: readonly number[]): void {
  if (socket.writable) socket.write(pubacks(messageIds));
}

function send(socket: Socket, packet: Packet): void {
  if (socket.writable) socket.write(generate(packet, VERSION));
}
