/** One device of the storm: a raw socket that publishes at QoS 1 within a window and counts what is acknowledged. */
import { connect, type Socket } from 'node:net';
import type { Latencies } from './latencies.ts';
import { connectPacket, type Message, publishTemplate } from './packets.ts';

const CONNACK = 0x20;
const PUBACK = 0x40;
const PACKET_IDS = 65_535;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface SenderOptions {
  readonly host: string;
  readonly port: number;
  readonly credentials: Credentials;
  readonly bootId: number;
  readonly values: number;
  /** Most messages that wait for their acknowledgement. */
  readonly window: number;
  readonly latencies: Latencies;
  readonly nowMs: () => number;
}

export interface Sender {
  readonly sent: () => number;
  readonly acknowledged: () => number;
  /** Sends up to `count` messages, as the window allows; returns how many. */
  send(count: number): number;
  /** Called when an acknowledgement has made room. */
  onRoom(listener: () => void): void;
  close(): void;
}

/** Connects and signs in. @throws Error when the broker refuses or hangs up */
export async function openSender(options: SenderOptions): Promise<Sender> {
  const socket = connect({ host: options.host, port: options.port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.write(connectPacket(options.credentials));
  await signedIn(socket, options.credentials.username);
  return sender(socket, options);
}

function signedIn(socket: Socket, username: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const hungUp = () => reject(new Error(`${username}: the broker hung up`));
    socket.once('close', hungUp);
    socket.once('data', (bytes: Buffer) => {
      socket.off('close', hungUp);
      if (bytes[0] === CONNACK && bytes[3] === 0) resolve();
      else reject(new Error(`${username}: refused with code ${bytes[3]}`));
    });
  });
}

function sender(socket: Socket, options: SenderOptions): Sender {
  const { window, nowMs } = options;
  const template = publishTemplate(options.credentials.username, options.bootId, options.values);
  const sentAtMs = new Float64Array(PACKET_IDS + 1);
  const counts = { sent: 0, acknowledged: 0 };
  let lastTimeMs = 0;
  let room: () => void = () => {};
  const acknowledgements = pubackCounter((packetId) => {
    counts.acknowledged += 1;
    options.latencies.note(nowMs() - (sentAtMs[packetId] ?? 0));
  });
  socket.on('error', () => {});
  socket.on('data', (bytes: Buffer) => {
    acknowledgements(bytes);
    room();
  });
  return {
    sent: () => counts.sent,
    acknowledged: () => counts.acknowledged,
    send(wanted) {
      const count = Math.min(wanted, window - (counts.sent - counts.acknowledged));
      if (count <= 0 || socket.destroyed) return 0;
      const packets = Buffer.allocUnsafe(count * template.bytes);
      const sendMs = nowMs();
      for (let index = 0; index < count; index += 1) {
        // One device measures one thing at a time: its times never repeat.
        lastTimeMs = Math.max(lastTimeMs + 1, Math.floor(performance.timeOrigin + sendMs));
        const message: Message = { packetId: (counts.sent % PACKET_IDS) + 1, seq: counts.sent, timeMs: lastTimeMs };
        sentAtMs[message.packetId] = sendMs;
        counts.sent += 1;
        template.write(packets, index * template.bytes, message);
      }
      socket.write(packets);
      return count;
    },
    onRoom: (listener) => {
      room = listener;
    },
    close: () => socket.destroy(),
  };
}

/** Takes a stream of four-byte PUBACKs, however it is cut. */
function pubackCounter(note: (packetId: number) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    let at = 0;
    for (; at + 4 <= all.length; at += 4) {
      if (all[at] !== PUBACK) throw new Error(`expected a PUBACK, got packet type ${all[at]}`);
      note(((all[at + 2] ?? 0) << 8) | (all[at + 3] ?? 0));
    }
    rest = Buffer.from(all.subarray(at));
  };
}
