import { clientKey } from './http/client-address.ts';

/**
 * Pieces of work that wait, by client. Next is who has been worked for least, however much each of them has waiting: a client whose pieces are short is not made to wait
 * for as many long ones of another. Who comes back after a while begins where those who waited are: nobody saves up time.
 */
export interface ClientLine {
  /** Clients of whom something waits. */
  readonly clients: number;
  /** Pieces of this client that wait. */
  waitingOf(from: string): number;
  add(from: string, begin: () => void): void;
  /** Takes out the next piece. */
  next(): (() => void) | undefined;
  /** Notes how long a client has been worked for. Without it clients go in turn. */
  spent(from: string, ms: number): void;
}

/** Clients of whom nothing waits, and who are known to have been worked for; beyond it all of them are forgotten. */
const REMEMBERED_MAX = 10_000;

export function openClientLine(): ClientLine {
  /** Of clients that have been worked for equally long, the first is next. */
  const waiting = new Map<string, (() => void)[]>();
  /** Work of each client, counted from where the one who was worked for last began. */
  const workedMs = new Map<string, number>();
  let sinceMs = 0;
  const workedFor = (client: string): number => Math.max(sinceMs, workedMs.get(client) ?? 0);
  const least = (): string | undefined => {
    let found: string | undefined;
    for (const client of waiting.keys())
      if (found === undefined || workedFor(client) < workedFor(found)) found = client;
    return found;
  };
  const forgetOthers = (): void => {
    for (const client of workedMs.keys()) if (!waiting.has(client)) workedMs.delete(client);
  };
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
      const client = least();
      if (client === undefined) return undefined;
      const pieces = waiting.get(client) ?? [];
      const piece = pieces.shift();
      sinceMs = workedFor(client);
      // Behind the others who have been worked for as long.
      waiting.delete(client);
      if (pieces.length > 0) waiting.set(client, pieces);
      return piece;
    },
    spent(from, ms) {
      const client = clientKey(from);
      // With nobody waiting there is nobody whom this work has kept from theirs.
      if (waiting.size === 0) workedMs.clear();
      else if (workedMs.size >= REMEMBERED_MAX) forgetOthers();
      workedMs.set(client, workedFor(client) + ms);
    },
  };
}
