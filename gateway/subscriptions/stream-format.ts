import type { IncomingMessage } from 'node:http';
import type { Delivery } from './delivery.ts';

/** How one operation's answers are written into the body of an HTTP response. */
export interface StreamFormat {
  readonly contentType: string;
  /** The first bytes: a client that has them knows that it misses nothing from then on. */
  readonly opening: Buffer;
  /** Says that the connection is alive. */
  readonly heartbeat: Buffer;
  /** An event's answer; the same bytes for every client. */
  next(delivery: Pick<Delivery, 'payload' | 'cursor'>): Buffer;
  /** The end: JSON text of a list of errors, or undefined when it just ends. */
  end(errors: string | undefined): Buffer;
}

/** Server-sent events, "distinct connections mode" of graphql-sse: events `next` and `complete`; `id` is the cursor. */
export const EVENT_STREAM: StreamFormat = sharing({
  contentType: 'text/event-stream; charset=utf-8',
  opening: Buffer.from(':\n\n'),
  heartbeat: Buffer.from(':\n\n'),
  next: ({ payload, cursor }) => {
    const id = cursor === undefined ? '' : `id: ${cursor}\n`;
    return Buffer.concat([Buffer.from(`event: next\n${id}data: `), payload, Buffer.from('\n\n')]);
  },
  end: (errors) =>
    Buffer.from(
      `${errors === undefined ? '' : `event: next\ndata: {"errors":${errors}}\n\n`}event: complete\ndata:\n\n`,
    ),
});

const PART_HEAD = '\r\nContent-Type: application/json; charset=utf-8\r\n\r\n';
const DELIMITER = '\r\n--graphql';
const part = (json: string): string => `${PART_HEAD}${json}${DELIMITER}`;

/**
 * Apollo's multipart protocol for subscriptions over HTTP: each part is `{"payload": …}`, a heartbeat `{}`; errors that end the stream stand beside
 * a payload of null. A part is followed by its delimiter at once: clients take it as whole only then.
 */
export const MULTIPART: StreamFormat = sharing({
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
  opening: Buffer.from(`${DELIMITER}${part('{}')}`),
  heartbeat: Buffer.from(part('{}')),
  next: ({ payload }) => Buffer.concat([Buffer.from(`${PART_HEAD}{"payload":`), payload, Buffer.from(`}${DELIMITER}`)]),
  end: (errors) => Buffer.from(`${errors === undefined ? '' : part(`{"payload":null,"errors":${errors}}`)}--\r\n`),
});

/** Writes each delivery once, however many clients take it. */
function sharing(format: StreamFormat): StreamFormat {
  const written = new WeakMap<object, Buffer>();
  return {
    ...format,
    next(delivery) {
      const known = written.get(delivery);
      if (known) return known;
      const bytes = format.next(delivery);
      written.set(delivery, bytes);
      return bytes;
    },
  };
}

interface Weighed {
  /** Undefined for JSON. */
  readonly format: StreamFormat | undefined;
  readonly weight: number;
}

/**
 * The stream that a client would rather have than JSON, undefined for JSON: by weight, then by the order of its `Accept` header. Clients that list
 * all that they can read get JSON.
 */
export function wantedFormat(request: IncomingMessage): StreamFormat | undefined {
  const accepted = (request.headers.accept ?? '').toLowerCase();
  if (!accepted.includes('text/event-stream') && !accepted.includes('multipart/mixed')) return undefined;
  const listed = accepted.split(',');
  const weighed = listed.flatMap((item): Weighed[] => {
    const [type = '', ...parameters] = item.split(';').map((text) => text.trim());
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    if (type === 'text/event-stream') return [{ format: EVENT_STREAM, weight }];
    if (type === 'multipart/mixed' && parameters.some(isSubscriptionSpec)) return [{ format: MULTIPART, weight }];
    return type === '*/*' || type.endsWith('json') ? [{ format: undefined, weight }] : [];
  });
  weighed.sort((a, b) => b.weight - a.weight);
  return weighed[0]?.format;
}

function isSubscriptionSpec(parameter: string): boolean {
  return /^subscriptionspec\s*=\s*"?1\.0"?$/.test(parameter);
}
