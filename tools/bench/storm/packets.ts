/** MQTT 3.1.1 packets of the load generator, built once and patched in place, so that making load costs far less than taking it. */

/** Metrics of a reading with the first digits of their values; a digit and two decimals follow and change. All are plausible. */
const VALUES: readonly (readonly [key: string, digits: string])[] = [
  ['pm2_5', '1'],
  ['pm10', '2'],
  ['temperature', '1'],
  ['humidity', '5'],
  ['pressure', '101'],
  ['no2', '3'],
  ['o3', '4'],
  ['co', '20'],
  ['noise', '6'],
  ['pm1', '1'],
];
/** Sequence numbers all have ten digits, so that one may replace another. */
const FIRST_SEQ = 1_000_000_000;
const SEQ_DIGITS = 10;
const ZERO = 48;
const ASCII = 'latin1';

function lengthBytes(length: number): readonly number[] {
  const bytes: number[] = [];
  let rest = length;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 128 : low);
  } while (rest > 0);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

/** CONNECT with a clean session. */
export function connectPacket(credentials: { readonly username: string; readonly password: string }): Buffer {
  const body = Buffer.concat([
    text('MQTT'),
    Buffer.from([4, 0b1100_0010, 0, 0]),
    text(credentials.username),
    text(credentials.username),
    text(credentials.password),
  ]);
  return Buffer.concat([Buffer.from([0x10, ...lengthBytes(body.length)]), body]);
}

/** A PUBLISH at QoS 1 whose packet id, time, sequence number and values can be replaced. */
export interface PublishTemplate {
  readonly bytes: number;
  /** Writes the packet of a message into `target` at `offset`. */
  write(target: Buffer, offset: number, message: Message): void;
}

export interface Message {
  readonly packetId: number;
  readonly seq: number;
  readonly timeMs: number;
}

/** A template for one device. @param valueCount values in each reading, 1 to 10 */
export function publishTemplate(device: string, bootId: number, valueCount: number): PublishTemplate {
  const marker = '0.00';
  const values = VALUES.slice(0, valueCount)
    .map(([key, digits]) => `"${key}":${digits}${marker}`)
    .join(',');
  const payload = `{"bootId":${bootId},"seq":${FIRST_SEQ},"time":"2026-01-01T00:00:00.000Z","values":{${values}}}`;
  const topic = text(`greencity/v1/${device}/measurements`);
  const length = lengthBytes(topic.length + 2 + payload.length);
  const model = Buffer.concat([
    Buffer.from([0x32, ...length]),
    topic,
    Buffer.from([0, 1]),
    Buffer.from(payload, ASCII),
  ]);
  const idAt = 1 + length.length + topic.length;
  const payloadAt = idAt + 2;
  const seqAt = payloadAt + payload.indexOf(String(FIRST_SEQ));
  const timeAt = payloadAt + payload.indexOf('2026-');
  const valuesAt: number[] = [];
  for (let at = payload.indexOf(marker, timeAt - payloadAt + 24); at >= 0; at = payload.indexOf(marker, at + 1)) {
    valuesAt.push(payloadAt + at);
  }
  let second = Number.NaN;
  return {
    bytes: model.length,
    write(target, offset, { packetId, seq, timeMs }) {
      const wholeSecond = Math.floor(timeMs / 1000);
      if (wholeSecond !== second) {
        second = wholeSecond;
        model.write(new Date(second * 1000).toISOString(), timeAt, ASCII);
      }
      digits(model, timeAt + 20, timeMs % 1000, 3);
      digits(model, seqAt, FIRST_SEQ + seq, SEQ_DIGITS);
      // Values change with the sequence number, so that no store sees a constant.
      for (let index = 0; index < valuesAt.length; index += 1) {
        const at = valuesAt[index] ?? 0;
        digits(model, at, (seq * 7 + index * 3) % 10, 1);
        digits(model, at + 2, (seq * 31 + index * 17) % 100, 2);
      }
      model[idAt] = packetId >> 8;
      model[idAt + 1] = packetId & 255;
      model.copy(target, offset);
    },
  };
}

function digits(target: Buffer, offset: number, value: number, count: number): void {
  let rest = value;
  for (let at = offset + count - 1; at >= offset; at -= 1) {
    target[at] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
