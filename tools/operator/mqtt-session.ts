/** The least MQTT 3.1.1 client that a simulated node needs: connect, publish with acknowledgement, disconnect. A few kilobytes each. */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { type BrokerPacket, connectPacket, disconnectPacket, packetReader, publishPacket } from './mqtt-codec.ts';

const CONNECT_WITHIN_MS = 10_000;
const ACKNOWLEDGE_WITHIN_MS = 30_000;
const KEEP_ALIVE_S = 60;

/** Where a broker is. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  /** Over TLS; with the authority's certificate in PEM, where the system does not know it. */
  readonly tls?: { readonly ca?: string } | undefined;
}

export interface SessionOptions extends BrokerAddress {
  readonly username: string;
  readonly password: string;
}

export interface Publication {
  readonly topic: string;
  readonly payload: string;
  readonly retain?: boolean;
}

export interface MqttSession {
  /** Resolves when the broker has acknowledged (QoS 1); rejects when the connection ends or 30 s pass before that. */
  publish(publication: Publication): Promise<void>;
  /** Says goodbye, so that no last will is sent. */
  end(): Promise<void>;
}

/** The broker refused the sign-in: credentials are wrong or the device is not registered. */
export class SignInRefused extends Error {}

const REFUSED_CREDENTIALS = new Set([4, 5]);

interface State {
  readonly socket: Socket;
  readonly waiting: Map<number, PromiseWithResolvers<void>>;
  readonly connected: PromiseWithResolvers<void>;
  /** Set once the connection has ended. */
  failure: Error | undefined;
  messageId: number;
}

/** Connects as a device whose client id is its user name. @throws SignInRefused, or the error of the connection */
export async function openSession(options: SessionOptions): Promise<MqttSession> {
  const { username, password } = options;
  const socket = open(options);
  const state: State = {
    socket,
    waiting: new Map(),
    connected: Promise.withResolvers(),
    failure: undefined,
    messageId: 0,
  };
  listen(state);
  socket.write(connectPacket({ username, password, keepAliveS: KEEP_ALIVE_S }));
  await within(state, state.connected.promise, CONNECT_WITHIN_MS);
  return {
    publish: (publication) => publish(state, publication),
    end: () => end(state),
  };
}

/** The address in a URL `mqtt://host:port` or `mqtts://host:port`. */
export function brokerAddress(url: string, ca?: string): BrokerAddress {
  const { hostname, port, protocol } = new URL(url);
  if (protocol !== 'mqtts:') return { host: hostname, port: Number(port || 1_883) };
  return { host: hostname, port: Number(port || 8_883), tls: ca === undefined ? {} : { ca } };
}

function open({ host, port, tls }: BrokerAddress): Socket {
  if (!tls) return connect({ host, port, noDelay: true });
  const socket = connectSecurely({ ...tls, host, port, ...(isIP(host) === 0 && { servername: host }) });
  return socket.setNoDelay(true);
}

function listen(state: State): void {
  const { socket } = state;
  const read = packetReader();
  socket.on('data', (bytes) => {
    try {
      for (const packet of read(bytes)) receive(state, packet);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
  socket.on('error', (error) => fail(state, error));
  socket.on('close', () => fail(state, new Error('the broker closed the connection')));
}

function receive(state: State, packet: BrokerPacket): void {
  if (packet.kind === 'connack' && packet.returnCode === 0) state.connected.resolve();
  else if (packet.kind === 'connack') {
    const refused = REFUSED_CREDENTIALS.has(packet.returnCode);
    fail(state, refused ? new SignInRefused('not authorized') : new Error(`CONNACK ${packet.returnCode}`));
    state.socket.destroy();
  } else if (packet.kind === 'puback') {
    state.waiting.get(packet.messageId)?.resolve();
    state.waiting.delete(packet.messageId);
  }
}

function fail(state: State, error: Error): void {
  state.failure ??= error;
  state.connected.reject(state.failure);
  // Whoever awaits the connection hears of it there; nobody has to.
  state.connected.promise.catch(() => undefined);
  for (const acknowledged of state.waiting.values()) acknowledged.reject(state.failure);
  state.waiting.clear();
}

/** Waits with a deadline, after which the connection is given up. */
async function within(state: State, promise: Promise<void>, limitMs: number): Promise<void> {
  const timer = setTimeout(
    () => state.socket.destroy(new Error(`no answer from the broker in ${limitMs} ms`)),
    limitMs,
  );
  try {
    await promise;
  } finally {
    clearTimeout(timer);
  }
}

async function publish(state: State, { topic, payload, retain = false }: Publication): Promise<void> {
  if (state.failure) throw state.failure;
  state.messageId = (state.messageId % 65_535) + 1;
  const { messageId } = state;
  const acknowledged = Promise.withResolvers<void>();
  state.waiting.set(messageId, acknowledged);
  state.socket.write(publishPacket({ topic, payload, messageId, retain }));
  await within(state, acknowledged.promise, ACKNOWLEDGE_WITHIN_MS);
}

async function end({ socket }: State): Promise<void> {
  if (socket.destroyed) return;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.end(disconnectPacket());
  // A broker that does not close its side is not waited for.
  const timer = setTimeout(() => socket.destroy(), CONNECT_WITHIN_MS);
  await closed;
  clearTimeout(timer);
}
