/** Gathers records of many messages into one append, so that the price of a call is shared by all that arrived together. */
import type { EventLog, NewRecord, Topic } from '@greencity/platform/event-log/port';
import type { Histogram } from '@greencity/platform/metrics/port';

export interface GatheredAppend {
  /** Resolves when the record is durable, and rejects as the log does. Records keep the order of calls. */
  add(record: NewRecord): Promise<void>;
  /** Resolves when everything added so far has been settled. */
  settled(): Promise<void>;
}

export interface GatheredAppendOptions {
  readonly eventLog: EventLog;
  readonly topic: Topic;
  readonly seconds: Histogram;
  /** Called once for each append, with the records it held. */
  readonly onAppended: (records: number) => void;
  readonly onFailure: (error: unknown, records: number) => void;
}

interface Batch {
  readonly records: NewRecord[];
  readonly done: PromiseWithResolvers<void>;
}

/** What arrives in one turn of the event loop becomes one append. Bounded by what the broker lets be in flight. */
export function gatheredAppend(options: GatheredAppendOptions): GatheredAppend {
  let open: Batch | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** Keeps none of the records: once the log has them, they would only be copied by the collector. */
  function append({ records, done }: Batch): void {
    const { length } = records;
    const startedMs = performance.now();
    options.eventLog.append(options.topic, records).then(
      () => {
        options.seconds.observe((performance.now() - startedMs) / 1000);
        options.onAppended(length);
        done.resolve();
      },
      (error: unknown) => {
        options.onFailure(error, length);
        done.reject(error);
      },
    );
  }

  function begin(): Batch {
    const batch: Batch = { records: [], done: Promise.withResolvers() };
    open = batch;
    last = batch.done.promise.catch(() => {});
    setImmediate(() => {
      open = undefined;
      append(batch);
    });
    return batch;
  }

  return {
    add(record) {
      const batch = open ?? begin();
      batch.records.push(record);
      return batch.done.promise;
    },
    async settled() {
      await last;
    },
  };
}
