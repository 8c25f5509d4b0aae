import { METRICS, type Metric, metricDefinition } from '@greencity/air/metric';
import { z } from 'zod';

/** Times that a reading may have end here, in Unix ms: every store keeps them, and a client can be given each as text. They begin in 1970. */
export const READING_TIME_MS_MAX = Date.UTC(2200, 0, 1) - 1;

/** `raw.measurements`: one reading as a sender gave it, its values checked for being numbers of known metrics. Key: zone id. */
export interface RawReading {
  readonly v: 1;
  readonly deviceId: string;
  readonly zoneId: string;
  /** When it was measured, Unix ms. */
  readonly timeMs: number;
  readonly receivedAtMs: number;
  /** `server` when the sender gave no time and the moment of receipt stands in. */
  readonly timeSource: 'device' | 'server';
  readonly bootId?: number;
  readonly seq?: number;
  /** By message key (`pm2_5`), in the metric's unit. */
  readonly values: Readonly<Record<string, number>>;
}

/** `processed.measurements`: a reading whose values were new, with what quality control and correction made of it. Key: zone id. */
export interface ProcessedReading {
  readonly v: 1;
  readonly deviceId: string;
  readonly zoneId: string;
  readonly timeMs: number;
  readonly receivedAtMs: number;
  /** As measured, by message key. */
  readonly values: Readonly<Record<string, number>>;
  /** Corrected twins, only of values that have one. */
  readonly corrected?: Readonly<Record<string, number>>;
  /** Bits of air/quality.ts, only of values that have any. */
  readonly flags?: Readonly<Record<string, number>>;
}

/** `raw.measurements.dlq`: what was refused, why, and enough to send it again. Key: device id, or `unknown`. */
export interface DeadLetter {
  readonly v: 1;
  readonly deviceId?: string;
  readonly topic?: string;
  readonly receivedAtMs: number;
  readonly reason: DeadLetterReason;
  /** What is wrong and where, for a person. */
  readonly detail: string;
  /** The message or the part of it that was refused; `base64` when it is not UTF-8, cut at 8 KiB. */
  readonly payload: string;
  readonly encoding: 'utf8' | 'base64';
}

export const DEAD_LETTER_REASONS = [
  'MALFORMED_JSON',
  'NOT_A_READING',
  'NOT_A_STATUS',
  'TOO_LARGE',
  'TOO_MANY_READINGS',
  'NO_VALUES',
  'UNKNOWN_METRIC',
  'NOT_A_NUMBER',
  'OUT_OF_RANGE',
  'BAD_TIME',
  'TOO_OLD',
  'IN_THE_FUTURE',
  'BAD_SEQUENCE',
  'UNKNOWN_DEVICE',
  'RETIRED_DEVICE',
  'FOREIGN_TOPIC',
  'UNKNOWN_TOPIC',
  'CONFLICT',
  'UNREADABLE_RECORD',
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

const messageKey = z.enum(METRICS.map((metric: Metric) => metricDefinition(metric).key));
const instantMs = z.int().min(0).max(READING_TIME_MS_MAX);
const byKey = z.partialRecord(messageKey, z.number());

export const rawReadingFormat = z.strictObject({
  v: z.literal(1),
  deviceId: z.string().min(1),
  zoneId: z.string().min(1),
  timeMs: instantMs,
  receivedAtMs: instantMs,
  timeSource: z.enum(['device', 'server']),
  bootId: z.int().nonnegative().optional(),
  seq: z.int().nonnegative().optional(),
  values: byKey,
});

export const processedReadingFormat = z.strictObject({
  v: z.literal(1),
  deviceId: z.string().min(1),
  zoneId: z.string().min(1),
  timeMs: instantMs,
  receivedAtMs: instantMs,
  values: byKey,
  corrected: byKey.optional(),
  flags: byKey.optional(),
});

export const deadLetterFormat = z.strictObject({
  v: z.literal(1),
  deviceId: z.string().optional(),
  topic: z.string().optional(),
  receivedAtMs: z.int(),
  reason: z.enum(DEAD_LETTER_REASONS),
  detail: z.string(),
  payload: z.string(),
  encoding: z.enum(['utf8', 'base64']),
});
