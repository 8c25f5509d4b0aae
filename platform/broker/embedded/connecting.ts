/** From a new connection to a session: who is it, may it come in, and what was it owed. */
import type { SignIn } from '../port.ts';
import { forget, redeliver } from './delivering.ts';
import type { Frame } from './frames.ts';
import { end, type Hub, type Session, type Subscriber, send } from './hub.ts';
import { CONNACK, type Connect, connackPacket, readConnect } from './packets.ts';
import { publishWill, resumeReading } from './receiving.ts';

/** Takes a CONNECT; nothing more is read until the client is signed in. */
export function connect(hub: Hub, session: Session, frame: Frame): void {
  const asked = readConnect(frame);
  if (typeof asked === 'string') {
    if (asked === 'BAD_PROTOCOL_LEVEL') send(hub, session, connackPacket(CONNACK.BAD_PROTOCOL_LEVEL, false));
    hub.counters.ended(asked);
    session.socket.destroySoon();
    return;
  }
  session.state = 'signing-in';
  session.deviceId = asked.username ?? '';
  session.socket.pause();
  void signIn(hub, session, asked);
}

async function signIn(hub: Hub, session: Session, asked: Connect): Promise<void> {
  const deviceId = asked.username ?? '';
  let answer: SignIn;
  try {
    answer = await hub.handlers.signIn(deviceId, asked.password);
  } catch (error) {
    hub.log.warn({ deviceId, error }, 'sign-in could not be checked');
    refuse(hub, session, { code: CONNACK.UNAVAILABLE, reason: 'UNAVAILABLE' });
    return;
  }
  if (session.socket.destroyed || hub.closing) return;
  if (answer.kind === 'refused') {
    const code = answer.reason === 'RETIRED_DEVICE' ? CONNACK.NOT_AUTHORISED : CONNACK.BAD_CREDENTIALS;
    refuse(hub, session, { code, reason: answer.reason });
  } else if (asked.clientId === '' && !asked.cleanSession) {
    refuse(hub, session, { code: CONNACK.BAD_CLIENT_ID, reason: 'BAD_CLIENT_ID' });
  } else if (asked.will && !hub.handlers.mayPublish(deviceId, asked.will.topic)) {
    refuse(hub, session, { code: CONNACK.NOT_AUTHORISED, reason: 'FOREIGN_WILL' });
  } else {
    await takeOver(hub, deviceId);
    if (!session.socket.destroyed && !hub.closing) open(hub, session, asked);
  }
}

function refuse(
  hub: Hub,
  session: Session,
  { code, reason }: { readonly code: number; readonly reason: string },
): void {
  hub.counters.refusedConnection(reason);
  if (session.socket.destroyed) return;
  session.state = 'ended';
  send(hub, session, connackPacket(code, false));
  session.socket.destroySoon();
}

/** One session for each device: the older one ends, and its last will is durable before the new one speaks. */
async function takeOver(hub: Hub, deviceId: string): Promise<void> {
  const older = hub.byDevice.get(deviceId);
  if (!older) return;
  hub.counters.takeovers.add();
  end(hub, older, 'TAKEN_OVER');
  leave(hub, older);
  await publishWill(hub, older);
}

function open(hub: Hub, session: Session, asked: Connect): void {
  const deviceId = asked.username ?? '';
  // Another sign-in of the same device may have been quicker while the older session's will was written.
  const rival = hub.byDevice.get(deviceId);
  if (rival) {
    end(hub, rival, 'TAKEN_OVER');
    leave(hub, rival);
  }
  const { subscriber, present } = subscriberFor(hub, deviceId, asked.cleanSession);
  subscriber.session = session;
  session.subscriber = subscriber;
  session.will = asked.will;
  session.keepAliveMs = asked.keepAliveMs;
  session.heardAtMs = hub.clock.elapsedMs();
  session.state = 'open';
  hub.byDevice.set(deviceId, session);
  hub.counters.connections.add();
  send(hub, session, connackPacket(CONNACK.ACCEPTED, present));
  if (present) redeliver(hub, session, subscriber);
  resumeReading(hub, session);
}

function subscriberFor(
  hub: Hub,
  deviceId: string,
  cleanSession: boolean,
): { readonly subscriber: Subscriber; readonly present: boolean } {
  const known = hub.kept.get(deviceId);
  if (known && !cleanSession) return { subscriber: known, present: true };
  if (known) {
    forget(hub, known);
    hub.kept.delete(deviceId);
  }
  const subscriber: Subscriber = {
    ...{ deviceId, cleanSession, session: undefined, nextPacketId: 0 },
    filters: new Map(),
    outgoing: new Map(),
    taken: new Set(),
  };
  if (!cleanSession) keep(hub, subscriber);
  return { subscriber, present: false };
}

/** Sessions are kept for as many devices as may be connected; the one kept longest makes room, and is told so by `session present` 0. */
function keep(hub: Hub, subscriber: Subscriber): void {
  if (hub.kept.size >= hub.limits.clientsMax) {
    const longest = [...hub.kept.values()].find((each) => each.session === undefined);
    if (longest) {
      forget(hub, longest);
      hub.kept.delete(longest.deviceId);
    }
  }
  hub.kept.set(subscriber.deviceId, subscriber);
}

/** Takes a session off the books: it is no longer its device's. */
export function leave(hub: Hub, session: Session): void {
  session.state = 'ended';
  hub.waiting.delete(session);
  if (hub.byDevice.get(session.deviceId) === session) hub.byDevice.delete(session.deviceId);
  const { subscriber } = session;
  if (subscriber?.session !== session) return;
  subscriber.session = undefined;
  if (subscriber.cleanSession) forget(hub, subscriber);
}
