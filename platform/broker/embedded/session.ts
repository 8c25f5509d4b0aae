/** One connection: reads packets, hands each to who knows what to do, and leaves the books in order when it ends. */
import type { Socket } from 'node:net';
import { connect, leave } from './connecting.ts';
import { acknowledged, subscribe, unsubscribe } from './delivering.ts';
import { type Frame, frameReader } from './frames.ts';
import { end, type Hub, type Session, send } from './hub.ts';
import { PACKET, pingrespPacket, readFilters, readPacketId, TOPIC_BYTES_MAX } from './packets.ts';
import { publishWill, receive, resumeReading } from './receiving.ts';

/** A longer packet ends the connection; a PUBLISH up to here is passed over and named too large. */
const PACKET_BYTES_MAX = 1024 * 1024;
/** Room for the lengths and the packet id around a topic and a payload. */
const AROUND_BYTES = 4;

const CONNECT_WITHIN_MS = 10_000;
/** Packets without a message that are answered one after another, as pings, of which 64 KiB hold 30,000. Messages wait for each other by themselves. */
const CONTROLS_AT_ONCE_MAX = 64;

/** Serves a connection until it ends. */
export function serve(hub: Hub, socket: Socket): void {
  const session: Session = {
    socket,
    ...{ openedAtMs: hub.clock.elapsedMs(), state: 'new', deviceId: '', subscriber: undefined, will: undefined },
    ...{ keepAliveMs: 0, heard: false, heardAtMs: 0, inFlight: 0, held: false, controls: 0, resting: false },
    pending: [],
    acknowledgements: [],
    memory: { bytes: Buffer.alloc(0), topic: '' },
    ...{ routes: undefined, routesTopic: '', routesVersion: 0 },
    reader: frameReader({
      keptBytesMax: hub.limits.payloadBytesMax + TOPIC_BYTES_MAX + AROUND_BYTES,
      packetBytesMax: PACKET_BYTES_MAX,
      onFrame: (frame) => dispatch(hub, session, frame),
    }),
  };
  hub.connections.add(session);
  socket.on('data', (chunk: Buffer) => {
    if (session.state === 'ended') return;
    // Another protocol is told by its first byte; waiting for as much as it seems to announce would be in vain.
    if (!session.heard && session.state === 'new' && chunk[0] !== PACKET.CONNECT << 4) {
      end(hub, session, 'BAD_CONNECT');
      return;
    }
    session.heard = true;
    const fault = session.reader.push(chunk);
    if (fault) end(hub, session, fault);
  });
  // What a socket's error means is what its close means: the client is gone.
  socket.on('error', () => {});
  socket.on('close', () => closed(hub, session));
}

function closed(hub: Hub, session: Session): void {
  hub.connections.delete(session);
  leave(hub, session);
  // Devices are not offline because the platform stops: they come back on their own.
  if (!hub.closing) void publishWill(hub, session);
}

/** Returns whether to go on reading. */
function dispatch(hub: Hub, session: Session, frame: Frame): boolean {
  const type = frame.header >> 4;
  if (session.state === 'open' && type === PACKET.PUBLISH) return receive(hub, session, frame);
  if (frame.bodyBytes > frame.end - frame.start) end(hub, session, 'PACKET_TOO_LARGE');
  else if (session.state === 'new' && frame.header === PACKET.CONNECT << 4) connect(hub, session, frame);
  else if (session.state === 'open') {
    control(hub, session, frame);
    session.controls += 1;
    if (session.controls >= CONTROLS_AT_ONCE_MAX) rest(hub, session);
  } else end(hub, session, session.state === 'new' ? 'BAD_CONNECT' : 'UNEXPECTED_PACKET');
  return session.state === 'open' && !session.socket.destroyed && !session.resting;
}

/** Reads nothing more until everybody else has had their turn. */
function rest(hub: Hub, session: Session): void {
  session.controls = 0;
  session.resting = true;
  session.socket.pause();
  setImmediate(() => {
    session.resting = false;
    if (!session.held) resumeReading(hub, session);
  });
}

function control(hub: Hub, session: Session, frame: Frame): void {
  const type = frame.header >> 4;
  switch (type) {
    case PACKET.SUBSCRIBE:
    case PACKET.UNSUBSCRIBE: {
      const list = readFilters(frame, type === PACKET.SUBSCRIBE);
      if (typeof list === 'string') end(hub, session, list);
      else if (type === PACKET.SUBSCRIBE) subscribe(hub, session, list);
      else unsubscribe(hub, session, list);
      return;
    }
    case PACKET.PUBACK:
    case PACKET.PUBREL: {
      const id = readPacketId(frame);
      if (typeof id === 'string') end(hub, session, id);
      else acknowledged(hub, session, { type, id });
      return;
    }
    case PACKET.PINGREQ:
      send(hub, session, pingrespPacket());
      return;
    case PACKET.DISCONNECT:
      session.will = undefined;
      leave(hub, session);
      session.socket.destroySoon();
      return;
    default:
      end(hub, session, 'UNEXPECTED_PACKET');
  }
}

/** Ends connections that never introduced themselves, or have been silent for one and a half times what they promised (section 3.1.2.10). */
export function endSilent(hub: Hub): void {
  const nowMs = hub.clock.elapsedMs();
  for (const session of hub.connections) {
    if (session.state === 'ended') {
      // It was told why and does not read it: the second look cuts it off.
      if (!session.heard) session.socket.destroy();
      session.heard = false;
    } else if (session.state === 'new' || session.state === 'signing-in') {
      if (nowMs - session.openedAtMs >= CONNECT_WITHIN_MS) end(hub, session, 'NO_CONNECT');
    } else if (session.heard || session.held) {
      session.heard = false;
      session.heardAtMs = nowMs;
    } else if (session.keepAliveMs > 0 && nowMs - session.heardAtMs > session.keepAliveMs * 1.5) {
      end(hub, session, 'KEEP_ALIVE');
    }
  }
}
