/** What all sessions of one broker share, and the state of one session. */
import type { Socket } from 'node:net';
import type { Clock } from '../../clock/port.ts';
import type { Logger } from '../../log/port.ts';
import type { Counter, Metrics } from '../../metrics/port.ts';
import type { BrokerHandlers, BrokerLimits } from '../port.ts';
import type { FrameReader } from './frames.ts';
import type { TopicMemory, Will } from './packets.ts';
import {
  type Qos,
  type RetainedMessages,
  retainedMessages,
  type Subscriptions,
  subscriptionIndex,
} from './subscriptions.ts';

/** Retained topics a device may hold on average: its status, its settings and those in force, with room to spare. */
const RETAINED_PER_CLIENT = 8;

/** A message on its way to a client that asked for QoS 1. */
export interface Outgoing {
  readonly packetId: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

/** What a client asked for and is owed. With a clean session it ends with the connection, else it waits for the next one. */
export interface Subscriber {
  readonly deviceId: string;
  readonly cleanSession: boolean;
  session: Session | undefined;
  readonly filters: Map<string, Qos>;
  /** Not yet acknowledged by the client, by packet id, oldest first. */
  readonly outgoing: Map<number, Outgoing>;
  nextPacketId: number;
  /** Packet ids of QoS 2 messages that were taken and not yet released by the client. */
  readonly taken: Set<number>;
}

/** A message that waits for `receive`. Acknowledgements leave in the order of arrival (section 4.6). */
export interface Pending {
  readonly packetId: number;
  /** First byte of the acknowledgement: PUBACK or PUBREC. */
  readonly answer: number;
  settled: boolean;
}

export interface Session {
  readonly socket: Socket;
  readonly openedAtMs: number;
  state: 'new' | 'signing-in' | 'open' | 'ended';
  deviceId: string;
  reader: FrameReader;
  subscriber: Subscriber | undefined;
  will: Will | undefined;
  keepAliveMs: number;
  /** Whether anything came since the last look, and when the last look was that found so. */
  heard: boolean;
  heardAtMs: number;
  /** Messages that wait for `receive`, and those of them that want an acknowledgement. */
  inFlight: number;
  readonly pending: Pending[];
  /** Acknowledgements to be written: first byte and packet id in turn. */
  acknowledgements: number[];
  /** True while reading is paused for want of room. */
  held: boolean;
  /** Packets without a message since others had their turn; and true while they have it. */
  controls: number;
  resting: boolean;
  readonly memory: TopicMemory;
  /** Subscribers of the remembered topic, as of a version of the index. */
  routes: ReadonlyMap<Subscriber, Qos> | undefined;
  routesTopic: string;
  routesVersion: number;
}

export interface Counters {
  readonly connections: Counter;
  readonly takeovers: Counter;
  readonly messages: Counter;
  readonly unacknowledged: Counter;
  refusedConnection(reason: string): void;
  ended(reason: string): void;
}

export interface Hub {
  readonly handlers: BrokerHandlers;
  readonly limits: BrokerLimits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: Counters;
  /** Every connection, signed in or not. */
  readonly connections: Set<Session>;
  readonly byDevice: Map<string, Session>;
  /** Clients without a clean session, here or away. */
  readonly kept: Map<string, Subscriber>;
  readonly subscriptions: Subscriptions<Subscriber>;
  readonly retained: RetainedMessages;
  inFlight: number;
  /** Sessions that wait for others' messages to be done. */
  readonly waiting: Set<Session>;
  /** Sessions with acknowledgements to be written. */
  dirty: Session[];
  closing: boolean;
  /** Called when nothing is in flight any more. */
  onIdle: () => void;
}

export interface HubOptions {
  readonly handlers: BrokerHandlers;
  readonly limits: BrokerLimits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export function openHub(options: HubOptions): Hub {
  const { metrics, limits } = options;
  const hub: Hub = {
    ...options,
    counters: countersOf(metrics),
    connections: new Set(),
    byDevice: new Map(),
    kept: new Map(),
    subscriptions: subscriptionIndex<Subscriber>(),
    retained: retainedMessages(limits.clientsMax * RETAINED_PER_CLIENT),
    inFlight: 0,
    waiting: new Set(),
    dirty: [],
    closing: false,
    onIdle: () => {},
  };
  metrics.gauge('mqtt_clients', 'MQTT clients that are signed in.', () => hub.byDevice.size);
  metrics.gauge('mqtt_in_flight', 'MQTT messages received and not yet durable.', () => hub.inFlight);
  return hub;
}

function countersOf(metrics: Metrics): Counters {
  return {
    connections: metrics.counter('mqtt_connections_total', 'MQTT connections that signed in.'),
    takeovers: metrics.counter('mqtt_takeovers_total', 'Sessions ended because their device connected again.'),
    messages: metrics.counter('mqtt_messages_total', 'MQTT messages received.'),
    unacknowledged: metrics.counter('mqtt_unacknowledged_total', 'MQTT messages that could not be made durable.'),
    refusedConnection: (reason) =>
      metrics.counter('mqtt_connections_refused_total', 'MQTT connections that were refused.', { reason }).add(),
    ended: (reason) =>
      metrics.counter('mqtt_sessions_ended_total', 'MQTT connections the broker ended.', { reason }).add(),
  };
}

export type EndReason =
  | 'BAD_LENGTH'
  | 'PACKET_TOO_LARGE'
  | 'BAD_CONNECT'
  | 'BAD_PROTOCOL_LEVEL'
  | 'BAD_PUBLISH'
  | 'BAD_SUBSCRIBE'
  | 'BAD_TOPIC'
  | 'BAD_ACKNOWLEDGEMENT'
  | 'UNEXPECTED_PACKET'
  | 'NO_CONNECT'
  | 'KEEP_ALIVE'
  | 'SLOW_CLIENT'
  | 'TAKEN_OVER'
  | 'CREDENTIALS_CHANGED'
  | 'NOT_ALLOWED'
  | 'LOG_UNWRITABLE';

/** Ends a connection at once and counts why. The last will follows when the socket has closed. */
export function end(hub: Hub, session: Session, reason: EndReason): void {
  if (session.socket.destroyed) return;
  hub.counters.ended(reason);
  hub.log.debug({ deviceId: session.deviceId, reason }, 'MQTT connection was ended');
  session.socket.destroy();
}

/** Bytes a client may leave unread before it is cut off. */
const UNREAD_BYTES_MAX = 256 * 1024;

/** Writes to a client, unless it has stopped reading. */
export function send(hub: Hub, session: Session, bytes: Buffer): void {
  const { socket } = session;
  if (socket.destroyed) return;
  if (socket.writableLength > UNREAD_BYTES_MAX) end(hub, session, 'SLOW_CLIENT');
  else socket.write(bytes);
}
