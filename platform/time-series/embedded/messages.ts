import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode } from '../../errors.ts';
import type { BucketColumns, BucketQuery, RawPoints, RawQuery, TimeSeriesRetention } from '../port.ts';

/** What the store's thread is started with. */
export interface Start {
  readonly port: MessagePort;
  readonly folder: string;
  readonly retention: TimeSeriesRetention;
  readonly hotPointsMax: number;
  readonly cacheBytesMax: number;
}

/** What is asked of the store's thread, in the order of sending. */
export type Request =
  | {
      readonly kind: 'write';
      readonly rows: number;
      readonly buffer: ArrayBuffer;
      readonly names?: NewNames;
      readonly nowMs: number;
    }
  | { readonly kind: 'raw'; readonly query: RawQuery }
  | { readonly kind: 'buckets'; readonly query: BucketQuery }
  | { readonly kind: 'expire'; readonly nowMs: number }
  | { readonly kind: 'tick'; readonly nowMs: number }
  | { readonly kind: 'close' };

/** Series that the store's thread does not know yet; ids go on from the last one it knows. */
export interface NewNames {
  readonly deviceIds: readonly string[];
  readonly metrics: readonly number[];
}

export interface Asked {
  readonly id: number;
  readonly request: Request;
}

export interface Written {
  readonly duplicates: Uint32Array;
  readonly conflicts: Uint32Array;
  readonly expired: number;
  /** The batch's memory, to be used again. */
  readonly buffer: ArrayBuffer;
  readonly rows: number;
}

/** What the store holds when it opens. Columns by series id; `timeMs` is NaN where there is no point. */
export interface Opened {
  readonly deviceIds: readonly string[];
  readonly metrics: Uint8Array;
  readonly timeMs: Float64Array;
  readonly value: Float64Array;
  readonly corrected: Float64Array;
  readonly flags: Uint8Array;
  readonly rawFloorMs: number;
}

/** Sizes, told after each change of the sealed part. */
export interface Sizes {
  readonly hotPoints: number;
  readonly sealedPoints: number;
  readonly sealedBytes: number;
  readonly rollupBytes: number;
  readonly files: number;
}

export interface Failure {
  /** Undefined for a mistake of ours. */
  readonly code: ErrorCode | undefined;
  readonly subject: string;
  readonly detail: string;
}

/** `number` is the time before which raw points have expired. */
export type Answer = Written | RawPoints | BucketColumns | number | undefined;

export type Told =
  | { readonly kind: 'opened'; readonly opened: Opened }
  | { readonly kind: 'failedToOpen'; readonly failure: Failure }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'sizes'; readonly sizes: Sizes }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly attributes: Readonly<Record<string, unknown>>;
      readonly message: string;
    };
