/** From a client to ingest: one message after another, bounded in flight, acknowledged in order once it is durable. */
import type { IncomingMessage } from '../port.ts';
import { route } from './delivering.ts';
import type { Frame } from './frames.ts';
import { end, type Hub, type Pending, type Session, type Subscriber, send } from './hub.ts';
import { idPacket, PACKET, type Publish, readPublish } from './packets.ts';
import type { Qos } from './subscriptions.ts';

const PUBACK = PACKET.PUBACK << 4;
const PUBREC = PACKET.PUBREC << 4;
const NOBODY: ReadonlyMap<Subscriber, Qos> = new Map();

/** Takes a PUBLISH. Returns whether there is room for another. */
export function receive(hub: Hub, session: Session, frame: Frame): boolean {
  const publish = readPublish(frame, session.memory);
  if (typeof publish === 'string') {
    end(hub, session, publish);
    return false;
  }
  hub.counters.messages.add();
  if (publish.qos === 2) {
    const taken = session.subscriber?.taken;
    if (taken?.has(publish.packetId)) {
      send(hub, session, idPacket(PUBREC, publish.packetId));
      return true;
    }
    if (taken && taken.size >= hub.limits.inFlightPerClientMax) {
      end(hub, session, 'BAD_PUBLISH');
      return false;
    }
  }
  const message = incoming(hub, session, { frame, publish });
  session.inFlight += 1;
  hub.inFlight += 1;
  let pending: Pending | undefined;
  if (publish.qos > 0) {
    pending = { packetId: publish.packetId, answer: publish.qos === 1 ? PUBACK : PUBREC, settled: false };
    session.pending.push(pending);
  }
  handle(hub, session, { message, pending });
  return hasRoom(hub, session);
}

function incoming(
  hub: Hub,
  session: Session,
  { frame, publish }: { readonly frame: Frame; readonly publish: Publish },
): IncomingMessage {
  const { payloadAt, topic, retain } = publish;
  const end = Math.min(frame.end, payloadAt + hub.limits.payloadBytesMax);
  return {
    deviceId: session.deviceId,
    topic,
    payload: frame.bytes.subarray(payloadAt, end),
    payloadBytes: frame.bodyBytes - (payloadAt - frame.start),
    qos: publish.qos === 0 ? 0 : 1,
    retain,
    lastWill: false,
  };
}

interface Received {
  readonly message: IncomingMessage;
  readonly pending: Pending | undefined;
}

function handle(hub: Hub, session: Session, { message, pending }: Received): void {
  const allowed = hub.handlers.mayPublish(message.deviceId, message.topic);
  handed(hub, message, allowed).then(
    (verdict) => {
      if (pending?.answer === PUBREC) session.subscriber?.taken.add(pending.packetId);
      if (allowed) passOn(hub, session, message);
      settle(hub, session, pending);
      if (verdict === 'disconnect') endAfterAcknowledgement(hub, session);
    },
    (error: unknown) => {
      hub.counters.unacknowledged.add();
      hub.log.debug({ deviceId: message.deviceId, error }, 'MQTT message could not be made durable');
      end(hub, session, 'LOG_UNWRITABLE');
      settle(hub, session, undefined);
    },
  );
}

/** A handler that throws at once must not take the other clients' connections with it. */
function handed(hub: Hub, message: IncomingMessage, allowed: boolean): Promise<unknown> {
  try {
    return allowed ? hub.handlers.receive(message) : hub.handlers.turnAway(message);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Keeps a retained message and gives it to who asked for its topic. Most topics have nobody who did, which is remembered. */
function passOn(hub: Hub, session: Session, message: IncomingMessage): void {
  const { topic, payload, retain, qos } = message;
  if (retain && payload.length === message.payloadBytes && !hub.retained.keep(topic, payload)) {
    hub.log.warn({ topic }, 'no room for another retained message');
  }
  const subscribers = routesOf(hub, session, topic);
  if (subscribers.size > 0) route(hub, subscribers, { topic, payload, retain, qos });
}

function routesOf(hub: Hub, session: Session, topic: string): ReadonlyMap<Subscriber, Qos> {
  const { version } = hub.subscriptions;
  if (version === 0) return NOBODY;
  if (session.routes && session.routesVersion === version && session.routesTopic === topic) return session.routes;
  session.routes = hub.subscriptions.of(topic);
  session.routesTopic = topic;
  session.routesVersion = version;
  return session.routes;
}

function settle(hub: Hub, session: Session, pending: Pending | undefined): void {
  session.inFlight -= 1;
  hub.inFlight -= 1;
  if (pending) {
    pending.settled = true;
    acknowledgeSettled(hub, session);
  }
  if (session.held && session.inFlight * 2 <= hub.limits.inFlightPerClientMax) hub.waiting.add(session);
  while (hub.waiting.size > 0 && hub.inFlight < hub.limits.inFlightMax) {
    const [next] = hub.waiting;
    if (!next) break;
    hub.waiting.delete(next);
    release(hub, next);
  }
  if (hub.inFlight === 0) hub.onIdle();
}

function acknowledgeSettled(hub: Hub, session: Session): void {
  const { pending, acknowledgements } = session;
  let done = 0;
  for (; done < pending.length; done += 1) {
    const first = pending[done];
    if (!first?.settled) break;
    if (acknowledgements.length === 0) markDirty(hub, session);
    acknowledgements.push(first.answer, first.packetId);
  }
  if (done === 1) pending.shift();
  else if (done > 1) pending.splice(0, done);
}

/** Acknowledgements of one group commit settle one after another: they are written when all have, one write for each client. */
function markDirty(hub: Hub, session: Session): void {
  if (hub.dirty.push(session) === 1) process.nextTick(writeAcknowledgements, hub);
}

function writeAcknowledgements(hub: Hub): void {
  const { dirty } = hub;
  hub.dirty = [];
  for (const session of dirty) {
    const { acknowledgements } = session;
    session.acknowledgements = [];
    const bytes = Buffer.allocUnsafe(acknowledgements.length * 2);
    for (let index = 0, at = 0; index < acknowledgements.length; index += 2, at += 4) {
      const packetId = acknowledgements[index + 1] ?? 0;
      bytes[at] = acknowledgements[index] ?? 0;
      bytes[at + 1] = 2;
      bytes[at + 2] = packetId >> 8;
      bytes[at + 3] = packetId & 255;
    }
    send(hub, session, bytes);
  }
}

function endAfterAcknowledgement(hub: Hub, session: Session): void {
  setImmediate(() => {
    hub.counters.ended('NOT_ALLOWED');
    session.socket.destroySoon();
  });
}

function hasRoom(hub: Hub, session: Session): boolean {
  if (session.socket.destroyed) return false;
  const ownRoom = session.inFlight < hub.limits.inFlightPerClientMax;
  const commonRoom = hub.inFlight < hub.limits.inFlightMax;
  if (ownRoom && commonRoom) return true;
  session.held = true;
  session.socket.pause();
  if (ownRoom) hub.waiting.add(session);
  return false;
}

/** Goes on reading a session that was held. */
function release(hub: Hub, session: Session): void {
  session.held = false;
  hub.waiting.delete(session);
  if (!session.resting) resumeReading(hub, session);
}

/** Reads what has already arrived, then lets the socket flow again unless that was too much. */
export function resumeReading(hub: Hub, session: Session): void {
  if (session.socket.destroyed) return;
  const fault = session.reader.resume();
  if (fault) end(hub, session, fault);
  else if (!session.held && !session.resting) session.socket.resume();
}

/** Publishes the last will of a session that ended without a DISCONNECT. */
export async function publishWill(hub: Hub, session: Session): Promise<void> {
  const { will, deviceId } = session;
  session.will = undefined;
  if (!will) return;
  const { topic, payload, retain } = will;
  const qos = will.qos === 0 ? 0 : 1;
  const message: IncomingMessage = {
    ...{ deviceId, topic, payload, qos, retain },
    payloadBytes: payload.length,
    lastWill: true,
  };
  hub.inFlight += 1;
  try {
    await hub.handlers.receive(message);
    if (retain) hub.retained.keep(topic, payload);
    route(hub, hub.subscriptions.of(topic), { topic, payload, retain, qos });
  } catch (error) {
    hub.counters.unacknowledged.add();
    hub.log.warn({ deviceId, error }, 'last will could not be made durable');
  } finally {
    hub.inFlight -= 1;
    if (hub.inFlight === 0) hub.onIdle();
  }
}
