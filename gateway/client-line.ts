import { clientKey } from './http/client-address.ts';

/** Pieces of work that wait, by client: clients take turns, however much each of them has. */
export interface ClientLine {
  /** Clients of whom something waits. */
  readonly clients: number;
  /** Pieces of this client that wait. */
  waitingOf(from: string): number;
  add(from: string, begin: () => void): void;
  /** Takes out the next piece, and puts its client behind the others. */
  next(): (() => void) | undefined;
}

export function openClientLine(): ClientLine {
  /** The client whose turn is next is first. */
  const waiting = new Map<string, (() => void)[]>();
  return {
    get clients() {
      return waiting.size;
    },
    waitingOf: (from) => waiting.get(clientKey(from))?.length ?? 0,
    add(from, begin) {
      const client = clientKey(from);
      const pieces = waiting.get(client);
      if (pieces) pieces.push(begin);
      else waiting.set(client, [begin]);
    },
    next() {
      for (const [client, pieces] of waiting) {
        const piece = pieces.shift();
        waiting.delete(client);
        if (pieces.length > 0) waiting.set(client, pieces);
        return piece;
      }
      return undefined;
    },
  };
}
