import type { Message } from './packets.ts';

/** Messages that were taken and are not acknowledged yet. */
export interface InFlight {
  add(message: Message): void;
  /** Takes nothing more; resolves when all that was taken is handled, and acknowledged as far as it can be. */
  finish(): Promise<void>;
}

export interface InFlightOptions {
  handle(message: Message): Promise<void>;
  acknowledge(messageIds: readonly number[]): void;
  /** Called at the first message that could not be handled. It is not acknowledged, nothing behind it is, and nothing more is taken. */
  failed(message: Message, error: unknown): void;
}

interface Waiting {
  /** 0 for a message that wants no acknowledgement. */
  readonly messageId: number;
  handled: boolean;
}

/** Handles messages as they come, and acknowledges them in their order, as MQTT demands, however they end: those of one turn of the event loop together. */
export function inFlight({ handle, acknowledge, failed }: InFlightOptions): InFlight {
  const line: Waiting[] = [];
  const handling = new Set<Promise<void>>();
  let taking = true;
  let planned: NodeJS.Immediate | undefined;

  function acknowledgeHandled(): void {
    clearImmediate(planned);
    planned = undefined;
    const open = line.findIndex(({ handled }) => !handled);
    const handled = line.splice(0, open < 0 ? line.length : open);
    const messageIds = handled.map(({ messageId }) => messageId).filter((messageId) => messageId !== 0);
    if (messageIds.length > 0) acknowledge(messageIds);
  }

  async function take(message: Message, waiting: Waiting): Promise<void> {
    try {
      await handle(message);
    } catch (error) {
      const first = taking;
      taking = false;
      if (first) failed(message, error);
      return;
    }
    waiting.handled = true;
    if (line[0] === waiting) planned ??= setImmediate(acknowledgeHandled);
  }

  return {
    add(message) {
      if (!taking) return;
      const waiting: Waiting = { messageId: message.messageId, handled: false };
      line.push(waiting);
      const taken = take(message, waiting);
      handling.add(taken);
      void taken.finally(() => handling.delete(taken));
    },
    async finish() {
      taking = false;
      await Promise.all(handling);
      acknowledgeHandled();
    },
  };
}
