/** Events that wait to be joined. At the limit the oldest is dropped and counted: what is newest matters. */
export interface EventQueue<T> {
  readonly length: number;
  push(event: T): void;
  take(most: number): T[];
}

export function eventQueue<T>(most: number, dropped: () => void): EventQueue<T> {
  let events: T[] = [];
  return {
    get length() {
      return events.length;
    },
    push(event) {
      // An array that begins empty makes room for seventeen, and most queues only ever hold one.
      if (events.length === 0) events = [event];
      else events.push(event);
      if (events.length <= most) return;
      events.shift();
      dropped();
    },
    take(count) {
      if (events.length <= count) {
        const all = events;
        events = [];
        return all;
      }
      return events.splice(0, count);
    },
  };
}
