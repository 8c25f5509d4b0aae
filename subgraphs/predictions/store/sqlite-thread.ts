/** The thread of the predictions' store. */
import { workerData } from 'node:worker_threads';
import { answerCalls } from '../calls.ts';
import { type Engine, openEngine } from './sqlite-engine.ts';

let engine: Engine | undefined;

/** The file is opened by the first call, so that a file that cannot be opened is that call's error. */
function opened(): Engine {
  engine ??= openEngine(workerData as string);
  return engine;
}

/** The engine's functions as the thread offers them. */
export type StoreMethods = Engine;

answerCalls({
  apply: (...args: Parameters<Engine['apply']>) => opened().apply(...args),
  load: () => opened().load(),
  hourlyMeans: (...args: Parameters<Engine['hourlyMeans']>) => opened().hourlyMeans(...args),
  meansOverDevices: (...args: Parameters<Engine['meansOverDevices']>) => opened().meansOverDevices(...args),
  anomalies: (...args: Parameters<Engine['anomalies']>) => opened().anomalies(...args),
  forecast: (...args: Parameters<Engine['forecast']>) => opened().forecast(...args),
  saveForecast: (...args: Parameters<Engine['saveForecast']>) => opened().saveForecast(...args),
  expire: (...args: Parameters<Engine['expire']>) => opened().expire(...args),
  close: () => engine?.close(),
});
