/** Flags of one value and the quality they amount to. Flags are bits of one byte, so that a store keeps them beside the value. */

export const FLAGS = [
  'OUT_OF_RANGE',
  'STUCK',
  'SPIKE',
  'HUMID',
  'NEIGHBOUR_OUTLIER',
  'UNCALIBRATED',
  'LATE',
  'SERVER_TIME',
] as const;

export type Flag = (typeof FLAGS)[number];
export type Quality = 'GOOD' | 'SUSPECT' | 'BAD';

/** The bit of each flag. */
export const FLAG_BIT: Readonly<Record<Flag, number>> = {
  OUT_OF_RANGE: 1,
  STUCK: 2,
  SPIKE: 4,
  HUMID: 8,
  NEIGHBOUR_OUTLIER: 16,
  UNCALIBRATED: 32,
  LATE: 64,
  SERVER_TIME: 128,
};

/** Values with any of these bits are BAD: they never feed an index, an alert or a heat map. */
export const BAD_BITS = FLAG_BIT.OUT_OF_RANGE | FLAG_BIT.STUCK | FLAG_BIT.HUMID;

/** Values with any of these bits, and no BAD one, are SUSPECT: shown and used, and marked. LATE and SERVER_TIME say how a value came, not how good it is. */
export const SUSPECT_BITS = FLAG_BIT.SPIKE | FLAG_BIT.NEIGHBOUR_OUTLIER;

/** Quality that a byte of flags amounts to. */
export function qualityOf(bits: number): Quality {
  if (bits & BAD_BITS) return 'BAD';
  return bits & SUSPECT_BITS ? 'SUSPECT' : 'GOOD';
}

const NAMES: readonly (readonly Flag[])[] = Array.from({ length: 256 }, (_, bits) =>
  FLAGS.filter((flag) => bits & FLAG_BIT[flag]),
);

/** Names of the flags in a byte, in the order of FLAGS. */
export function flagNames(bits: number): readonly Flag[] {
  return NAMES[bits & 255] ?? [];
}

/** The byte for a list of flags. */
export function flagBits(flags: readonly Flag[]): number {
  let bits = 0;
  for (const flag of flags) bits |= FLAG_BIT[flag];
  return bits;
}
