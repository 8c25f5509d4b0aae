import { startThread } from '../calls.ts';
import type { PredictionsStore } from './port.ts';
import type { StoreMethods } from './sqlite-thread.ts';

/** Calls that wait for the thread; one more is refused with UNAVAILABLE. */
const CALLS_MAX = 10_000;

/**
 * The store in one SQLite file (WAL, synchronous=FULL), in a thread of its own. The folder must exist; the file is made when it is missing.
 * @throws AppError STORE_UNWRITABLE when the file cannot be opened
 */
export async function openSqliteStore(path: string): Promise<PredictionsStore> {
  const url = new URL('./sqlite-thread.ts', import.meta.url);
  const thread = startThread<StoreMethods>({
    url,
    name: "the predictions' store",
    workerData: path,
    callsMax: CALLS_MAX,
  });
  try {
    await thread.call('forecast', '', 'PM2_5');
  } catch (error) {
    await thread.close();
    throw error;
  }
  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    closing ??= thread.close();
    return closing;
  }
  return {
    load: () => thread.call('load'),
    apply: (changes) => thread.call('apply', changes),
    hourlyMeans: (query) => thread.call('hourlyMeans', query),
    meansOverDevices: (query) => thread.call('meansOverDevices', query),
    anomalies: (query) => thread.call('anomalies', query),
    forecast: (subject, metric) => thread.call('forecast', subject, metric),
    saveForecast: (issued) => thread.call('saveForecast', issued),
    expire: (beforeMs) => thread.call('expire', beforeMs),
    close,
    [Symbol.asyncDispose]: close,
  };
}
