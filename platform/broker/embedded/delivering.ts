/** From the broker to its clients: subscriptions, retained messages, and messages that others published. */
import { end, type Hub, type Outgoing, type Session, type Subscriber, send } from './hub.ts';
import { type FilterList, idPacket, PACKET, publishPacket, subackPacket } from './packets.ts';
import { isFilter, type Qos } from './subscriptions.ts';

const REFUSED = 0x80;
const UNSUBACK = 0xb0;
const PACKET_IDS = 65_535;
/** Messages that a client may owe an acknowledgement for. Settings are state: a client that leaves so many unread is stuck. */
const OUTGOING_MAX = 64;
const FILTERS_MAX = 32;

export interface Routed {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
}

/** Gives a message to one subscriber. At QoS 1 it is kept until acknowledged, also while the client is away. */
export function deliver(hub: Hub, subscriber: Subscriber, message: Routed): void {
  const { session } = subscriber;
  if (message.qos === 0) {
    if (session) send(hub, session, publishPacket({ ...message, duplicate: false, packetId: 0 }));
    return;
  }
  if (subscriber.outgoing.size >= OUTGOING_MAX) {
    if (session) end(hub, session, 'SLOW_CLIENT');
    const [oldest] = subscriber.outgoing.keys();
    subscriber.outgoing.delete(oldest ?? 0);
  }
  const outgoing: Outgoing = { ...message, packetId: freePacketId(subscriber) };
  subscriber.outgoing.set(outgoing.packetId, outgoing);
  if (session) sendOutgoing(hub, session, { outgoing, duplicate: false });
}

function freePacketId(subscriber: Subscriber): number {
  do subscriber.nextPacketId = (subscriber.nextPacketId % PACKET_IDS) + 1;
  while (subscriber.outgoing.has(subscriber.nextPacketId));
  return subscriber.nextPacketId;
}

function sendOutgoing(
  hub: Hub,
  session: Session,
  { outgoing, duplicate }: { readonly outgoing: Outgoing; readonly duplicate: boolean },
): void {
  send(hub, session, publishPacket({ ...outgoing, qos: 1, duplicate }));
}

/** Sends again what a returning client had not acknowledged. */
export function redeliver(hub: Hub, session: Session, subscriber: Subscriber): void {
  for (const outgoing of subscriber.outgoing.values()) sendOutgoing(hub, session, { outgoing, duplicate: true });
}

/** Gives a message to everyone who asked for its topic. */
export function route(hub: Hub, subscribers: ReadonlyMap<Subscriber, Qos>, message: Routed): void {
  for (const [subscriber, qos] of subscribers) {
    deliver(hub, subscriber, { ...message, retain: false, qos: message.qos === 0 ? 0 : qos });
  }
}

/** Grants what the device may see, then sends what is retained. */
export function subscribe(hub: Hub, session: Session, { packetId, filters }: FilterList): void {
  const { subscriber } = session;
  if (!subscriber) return;
  const codes: number[] = [];
  const granted: { readonly filter: string; readonly qos: Qos }[] = [];
  for (const request of filters) {
    const { filter } = request;
    const room = subscriber.filters.has(filter) || subscriber.filters.size < FILTERS_MAX;
    if (!room || !isFilter(filter) || !hub.handlers.maySubscribe(session.deviceId, filter)) {
      codes.push(REFUSED);
      continue;
    }
    const qos: Qos = request.qos === 0 ? 0 : 1;
    codes.push(qos);
    granted.push({ filter, qos });
    subscriber.filters.set(filter, qos);
    hub.subscriptions.add(subscriber, filter, qos);
  }
  send(hub, session, subackPacket(packetId, codes));
  for (const { filter, qos } of granted) {
    for (const { topic, payload } of hub.retained.matching(filter)) {
      deliver(hub, subscriber, { topic, payload, qos, retain: true });
    }
  }
}

export function unsubscribe(hub: Hub, session: Session, { packetId, filters }: FilterList): void {
  const { subscriber } = session;
  for (const { filter } of filters) {
    if (subscriber?.filters.delete(filter)) hub.subscriptions.remove(subscriber, filter);
  }
  send(hub, session, idPacket(UNSUBACK, packetId));
}

/** Notes that a client has received a message, or released one it sent at QoS 2. */
export function acknowledged(hub: Hub, session: Session, packet: { readonly type: number; readonly id: number }): void {
  const { subscriber } = session;
  if (packet.type === PACKET.PUBACK) {
    subscriber?.outgoing.delete(packet.id);
    return;
  }
  subscriber?.taken.delete(packet.id);
  send(hub, session, idPacket(PACKET.PUBCOMP << 4, packet.id));
}

/** Forgets a client that will not come back for its session. */
export function forget(hub: Hub, subscriber: Subscriber): void {
  for (const filter of subscriber.filters.keys()) hub.subscriptions.remove(subscriber, filter);
  subscriber.filters.clear();
  subscriber.outgoing.clear();
}
