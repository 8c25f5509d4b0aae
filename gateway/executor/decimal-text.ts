/** Hundredths up to here: whoever measures, measures to one or two places, and most values are below 200. */
const KEPT_MAX = 20_000;
const kept: (string | undefined)[] = new Array(KEPT_MAX);

/** The JSON text of a finite number, as `String` gives it. Text of what readings are made of is kept: to find the shortest text of a double is slow. */
export function decimalText(value: number): string {
  const hundredths = Math.abs(Math.round(value * 100));
  // A double that is the nearest to some hundredths has no shorter text than theirs.
  if (hundredths >= KEPT_MAX || hundredths / 100 !== Math.abs(value)) return String(value);
  let text = kept[hundredths];
  if (text === undefined) {
    text = String(hundredths / 100);
    kept[hundredths] = text;
  }
  return value < 0 ? `-${text}` : text;
}
