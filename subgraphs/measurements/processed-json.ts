import { METRICS, metricDefinition } from '@greencity/air/metric';
import type { PreparedBatch, PreparedReading } from './prepared-batch.ts';

/** `"pm2_5":` by place in METRICS. */
const QUOTED_KEYS: readonly string[] = METRICS.map((metric) => `${JSON.stringify(metricDefinition(metric).key)}:`);

/** Says of each row whether it is left out; absent when all are taken. */
export type RowsLeftOut = Uint8Array | undefined;

/**
 * JSON text of a ProcessedReading (schema/events/reading.ts): the reading's rows that are not left out. Undefined when none is taken.
 * Written by hand: it costs a third of an object and JSON.stringify, on the path of every reading.
 */
export function processedJson(
  batch: PreparedBatch,
  { reading, device, firstRow, endRow }: PreparedReading,
  leftOut?: RowsLeftOut,
): string | undefined {
  const { columns, metric } = batch;
  let values = '';
  let corrected = '';
  let flags = '';
  for (let row = firstRow; row < endRow; row += 1) {
    if (leftOut?.[row]) continue;
    const key = QUOTED_KEYS[metric[row] ?? 0] ?? '';
    const twin = columns.corrected[row] ?? Number.NaN;
    const bits = columns.flags[row] ?? 0;
    values += `${values === '' ? '' : ','}${key}${columns.value[row]}`;
    if (!Number.isNaN(twin)) corrected += `${corrected === '' ? '' : ','}${key}${twin}`;
    if (bits !== 0) flags += `${flags === '' ? '' : ','}${key}${bits}`;
  }
  if (values === '') return undefined;
  const more = `${corrected === '' ? '' : `,"corrected":{${corrected}}`}${flags === '' ? '' : `,"flags":{${flags}}`}`;
  return `{"v":1,"deviceId":${device.quotedId},"zoneId":${quoted(reading.zoneId)},"timeMs":${reading.timeMs},"receivedAtMs":${reading.receivedAtMs},"values":{${values}}${more}}`;
}

const NEEDS_ESCAPE = /[^ !#-[\]-~]/;

function quoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}
