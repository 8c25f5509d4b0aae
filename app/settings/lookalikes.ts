/** Variables that are no settings and look like one: a setting with a slip in its name would be ignored in silence. */
import { type Environment, VARIABLES } from './variables.ts';

/** A variable that is set, and the setting that it looks like. */
export interface Lookalike {
  readonly variable: string;
  readonly meant: string;
}

/** Slips in a name that are seen through, one for each so many characters: short names are like too many others, as HOME is like HOST. */
const CHARACTERS_PER_SLIP = 4;
const SLIPS_MAX = 2;

/** Every variable that is no setting but at most two slips from one, in whichever case it is written. */
export function lookalikes(environment: Environment): readonly Lookalike[] {
  const settings: ReadonlySet<string> = new Set(VARIABLES);
  return Object.keys(environment).flatMap((variable) => {
    if (!environment[variable] || settings.has(variable)) return [];
    const [nearest] = VARIABLES.map((meant) => ({ meant, slips: slips(variable.toUpperCase(), meant) }))
      .filter(({ meant, slips: count }) => count <= Math.min(SLIPS_MAX, Math.floor(meant.length / CHARACTERS_PER_SLIP)))
      .sort((one, other) => one.slips - other.slips);
    return nearest ? [{ variable, meant: nearest.meant }] : [];
  });
}

/** Characters to add, leave out or replace to make one of the other; more than there may be where their lengths tell already. Source: Levenshtein (1966). */
function slips(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > SLIPS_MAX) return SLIPS_MAX + 1;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let above = 1; above <= from.length; above += 1) {
    const next = [above];
    for (let left = 1; left <= to.length; left += 1) {
      const replaced = (row[left - 1] ?? 0) + (from[above - 1] === to[left - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[left] ?? 0) + 1, (next[left - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? SLIPS_MAX + 1;
}
