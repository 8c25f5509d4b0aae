import type { Message } from './packets.ts';

/** Messages that were taken and are not acknowledged yet. */
export interface InFlight {
  /** Returns whether there is room for another; `onRoom` is called when there is again. What is added without room is taken all the same. */
  add(message: Message): boolean;
  /** Takes nothing more; resolves when all that was taken is handled, and acknowledged as far as it can be. */
  finish(): Promise<void>;
}

export interface InFlightOptions {
  /** The same promise for several messages, one after another, makes them one in the line: thousands that one append makes durable cost what one does. */
  handle(message: Message): Promise<void>;
  acknowledge(messageIds: readonly number[]): void;
  /** Called when messages could not be handled. They are not acknowledged, nothing behind them is, and nothing more is taken. */
  failed(lost: Lost, error: unknown): void;
  /** Messages that there is room for. */
  readonly messagesMax: number;
  /** Called when half of the room is free again. */
  onRoom(): void;
}

/** Messages that one promise stood for. */
export interface Lost {
  /** Of the first of them. */
  readonly topic: string;
  readonly messages: number;
}

interface Waiting {
  readonly topic: string;
  readonly handling: Promise<void>;
  /** Resolves when `handled` is set, or the failure is told. */
  readonly followed: Promise<void>;
  messages: number;
  /** Of those that want an acknowledgement. */
  readonly messageIds: number[];
  handled: boolean;
}

/** Handles messages as they come, and acknowledges them in their order, as MQTT demands, however they end: those of one turn of the event loop together. */
export function inFlight(options: InFlightOptions): InFlight {
  const { acknowledge, failed, messagesMax, onRoom } = options;
  const line: Waiting[] = [];
  let inLine = 0;
  let full = false;
  let taking = true;
  let planned: NodeJS.Immediate | undefined;

  function acknowledgeHandled(): void {
    clearImmediate(planned);
    planned = undefined;
    const open = line.findIndex(({ handled }) => !handled);
    const handled = line.splice(0, open < 0 ? line.length : open);
    for (const { messages } of handled) inLine -= messages;
    const messageIds = handled.flatMap((waiting) => waiting.messageIds);
    if (messageIds.length > 0) acknowledge(messageIds);
    if (!full || inLine * 2 > messagesMax) return;
    full = false;
    onRoom();
  }

  async function follow(waiting: Omit<Waiting, 'followed'>): Promise<void> {
    try {
      await waiting.handling;
    } catch (error) {
      taking = false;
      failed(waiting, error);
      return;
    }
    waiting.handled = true;
    if (line[0]?.handled) planned ??= setImmediate(acknowledgeHandled);
  }

  /** The last in the line when the message is handled with it, else a new one. */
  function placeOf(topic: string, handling: Promise<void>): Waiting {
    const last = line.at(-1);
    if (last?.handling === handling) return last;
    const waiting = { topic, handling, messages: 0, messageIds: [], handled: false };
    const followed = Object.assign(waiting, { followed: follow(waiting) });
    line.push(followed);
    return followed;
  }

  return {
    add(message) {
      if (!taking) return true;
      const waiting = placeOf(message.topic, handling(options, message));
      waiting.messages += 1;
      if (message.messageId !== 0) waiting.messageIds.push(message.messageId);
      inLine += 1;
      full ||= inLine >= messagesMax;
      return !full;
    },
    async finish() {
      taking = false;
      await Promise.all(line.map(({ followed }) => followed));
      acknowledgeHandled();
    },
  };
}

function handling({ handle }: InFlightOptions, message: Message): Promise<void> {
  try {
    return handle(message);
  } catch (error) {
    return Promise.reject(error);
  }
}
