/** Bands shared by the indices: a number from 1 (best), its word and its colour. */

export interface Band {
  /** From 1, the best. */
  readonly band: number;
  readonly label: string;
  /** #RRGGBB. */
  readonly color: string;
}

/** Colours of the European Environment Agency. */
export const EEA_COLORS = ['#50F0E6', '#50CCAA', '#F0E641', '#FF5050', '#960032', '#7D2181'] as const;

/** Digits that survive adding up a day of values; what lies beyond them is noise of binary arithmetic and must not move a band. */
const SIGNIFICANT_DIGITS = 12;

/** The band of a concentration among upper edges; an edge belongs to the band below it, and what lies above the last edge to the band after it. */
export function bandAmong(edges: readonly number[], concentration: number): number {
  const withoutNoise = Number(concentration.toPrecision(SIGNIFICANT_DIGITS));
  const index = edges.findIndex((edge) => withoutNoise <= edge);
  return (index < 0 ? edges.length : index) + 1;
}

/** Bands from words and colours of equal length. */
export function bandsOf(labels: readonly string[], colors: readonly string[]): readonly Band[] {
  return labels.map((label, index) => ({ band: index + 1, label, color: colors[index] ?? '#000000' }));
}

/** A value cut, not rounded, to a number of decimals, without the traps of binary fractions: 35.9 stays 35.9. */
export function truncated(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.floor(Number((value * scale).toPrecision(SIGNIFICANT_DIGITS))) / scale;
}
