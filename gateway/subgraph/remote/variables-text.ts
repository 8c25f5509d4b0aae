import type { Variables } from '../port.ts';

/** JSON of variables. Lists of representations are written once: fetches of the same entities from several subgraphs share theirs, and nobody changes them. */
export function variablesText(variables: Variables): string {
  const { representations, ...others } = variables;
  if (!Array.isArray(representations)) return JSON.stringify(variables);
  const text = representationsText(representations);
  const rest = JSON.stringify(others);
  return rest === '{}' ? text : `${rest.slice(0, -1)},${text.slice(1)}`;
}

const written = new WeakMap<readonly unknown[], string>();

function representationsText(representations: readonly unknown[]): string {
  const known = written.get(representations);
  if (known !== undefined) return known;
  const text = JSON.stringify({ representations });
  written.set(representations, text);
  return text;
}
