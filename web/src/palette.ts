/**
 * Colours of the six bands, safe for colour-blind eyes and in greyscale: lightness falls as the air gets worse (smallest CIEDE2000 distance of
 * any two: 22.9, under deuteranopia 11.0, in greyscale 7.9). The number stands in every marker, so colour is never alone.
 */
export interface BandColour {
  readonly label: string;
  readonly fill: string;
  readonly text: string;
}

const BANDS: readonly BandColour[] = [
  { label: 'Good', fill: '#BDE2FB', text: '#111418' },
  { label: 'Fair', fill: '#43D1BF', text: '#111418' },
  { label: 'Moderate', fill: '#C69A1C', text: '#111418' },
  { label: 'Poor', fill: '#C26532', text: '#111418' },
  { label: 'Very poor', fill: '#A22847', text: '#FFFFFF' },
  { label: 'Extremely poor', fill: '#431F60', text: '#FFFFFF' },
];

/** Of what has no index: values are missing or not to be trusted. */
export const NO_INDEX: BandColour = { label: 'No index', fill: '#DDE3EA', text: '#111418' };

/** Colour and word of a band of the European index, counted from 1; a neutral one where there is no index. */
export function bandColour(band: number | null | undefined): BandColour {
  return (band ? BANDS[band - 1] : undefined) ?? NO_INDEX;
}

export const BAND_COLOURS = BANDS;
