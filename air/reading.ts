/** A sender's reading, told apart from rubbish: what is good is kept, what is not is named. On the path of every message, so it makes no garbage beyond its answer. */
import { metricByKey } from './metric.ts';
import { parseInstantMs } from './time.ts';

export type RefusalReason =
  | 'NOT_A_READING'
  | 'NO_VALUES'
  | 'UNKNOWN_METRIC'
  | 'NOT_A_NUMBER'
  | 'OUT_OF_RANGE'
  | 'BAD_TIME'
  | 'TOO_OLD'
  | 'IN_THE_FUTURE'
  | 'BAD_SEQUENCE';

/** Why a reading, or one value of it, was not taken. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** What is wrong and where, for a person. */
  readonly detail: string;
}

export interface AcceptedReading {
  /** Unix ms. */
  readonly timeMs: number;
  /** `server` when the sender gave no time and the moment of receipt stands in. */
  readonly timeSource: 'device' | 'server';
  readonly bootId: number | undefined;
  readonly seq: number | undefined;
  /** Values that were good, by message key. At least one. */
  readonly values: Readonly<Record<string, number>>;
}

export interface ReadingOutcome {
  /** Undefined when nothing of it could be taken. */
  readonly reading: AcceptedReading | undefined;
  /** Empty for a reading without a fault. */
  readonly refusals: readonly Refusal[];
}

export interface ReadingLimits {
  readonly receivedAtMs: number;
  /** Older readings are refused. */
  readonly ageMsMax: number;
  /** Readings further in the future are refused. */
  readonly aheadMsMax: number;
}

const NO_REFUSALS: readonly Refusal[] = [];
const SHOWN_CHARACTERS_MAX = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}...` : text;
}

function refused(reason: RefusalReason, detail: string): ReadingOutcome {
  return { reading: undefined, refusals: [{ reason, detail }] };
}

/** The fault of one value, or undefined. A finite number of a known metric that could be measured at all is good; whether it is plausible is for quality control to say. */
export function valueFault(key: string, value: unknown): Refusal | undefined {
  const definition = metricByKey(key);
  if (!definition)
    return { reason: 'UNKNOWN_METRIC', detail: `values.${key.slice(0, SHOWN_CHARACTERS_MAX)}: no such metric` };
  if (typeof value !== 'number' || !Number.isFinite(value))
    return { reason: 'NOT_A_NUMBER', detail: `values.${key}: ${shown(value)} is not a number` };
  const [low, high] = definition.possible;
  if (value < low || value > high)
    return {
      reason: 'OUT_OF_RANGE',
      detail: `values.${key}: ${value} ${definition.unit} is not between ${low} and ${high}`,
    };
  return undefined;
}

/** The fault of a reading's time, or undefined. */
export function timeFault(timeMs: number, limits: ReadingLimits): Refusal | undefined {
  if (timeMs < limits.receivedAtMs - limits.ageMsMax)
    return { reason: 'TOO_OLD', detail: `time: ${new Date(timeMs).toISOString()} is too long ago` };
  if (timeMs > limits.receivedAtMs + limits.aheadMsMax)
    return { reason: 'IN_THE_FUTURE', detail: `time: ${new Date(timeMs).toISOString()} is still to come` };
  return undefined;
}

/** Whether a boot id or sequence number is missing or a whole number from 0. */
function isCount(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0);
}

/**
 * The reading in a decoded message. One bad value loses only itself; a bad time or sequence number loses the reading.
 * Fields that are not ours are passed over, so that firmware may send more.
 */
export function readReading(json: unknown, limits: ReadingLimits): ReadingOutcome {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return refused('NOT_A_READING', `${shown(json)} is not a reading`);
  const { time, bootId, seq, values } = json as {
    readonly time?: unknown;
    readonly bootId?: unknown;
    readonly seq?: unknown;
    readonly values?: unknown;
  };
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    return refused('NO_VALUES', 'values: missing, or not an object');
  if (!isCount(bootId)) return refused('BAD_SEQUENCE', `bootId: ${shown(bootId)} is not a whole number from 0`);
  if (!isCount(seq)) return refused('BAD_SEQUENCE', `seq: ${shown(seq)} is not a whole number from 0`);
  const timeMs =
    time === undefined || time === null
      ? limits.receivedAtMs
      : typeof time === 'string'
        ? parseInstantMs(time)
        : undefined;
  if (timeMs === undefined) return refused('BAD_TIME', `time: ${shown(time)} is not an RFC 3339 time`);
  const late = timeFault(timeMs, limits);
  if (late) return { reading: undefined, refusals: [late] };
  return withGoodValues(values as Readonly<Record<string, unknown>>, {
    timeMs,
    timeSource: typeof time === 'string' ? 'device' : 'server',
    bootId,
    seq,
  });
}

function withGoodValues(
  values: Readonly<Record<string, unknown>>,
  frame: Omit<AcceptedReading, 'values'>,
): ReadingOutcome {
  let refusals: Refusal[] | undefined;
  let good: Record<string, number> | undefined;
  for (const key of Object.keys(values)) {
    const value = values[key];
    const fault = valueFault(key, value);
    if (fault) {
      refusals ??= [];
      refusals.push(fault);
    } else {
      good ??= {};
      good[key] = value as number;
    }
  }
  if (!good) return { reading: undefined, refusals: refusals ?? [{ reason: 'NO_VALUES', detail: 'values: empty' }] };
  const { timeMs, timeSource, bootId, seq } = frame;
  return { reading: { timeMs, timeSource, bootId, seq, values: good }, refusals: refusals ?? NO_REFUSALS };
}
