import { isList, type Selected } from './selection.ts';

/** A column of a CSV: its name, and where its value is. */
export interface Column {
  readonly name: string;
  /** How many lists lie above it: which object of the row it is taken from. */
  readonly level: number;
  /** Fields below that object. */
  readonly path: readonly string[];
}

/** How a table is made of an answer: one row for each item of the innermost list. */
export interface Table {
  /** Fields from one level's object to the next one's list, outermost first. */
  readonly steps: readonly (readonly string[])[];
  readonly columns: readonly Column[];
}

/** The table of a list at `rows`. Columns are the scalars of its items, and those of the objects on the way to it. */
export function tableOf(selection: readonly Selected[], rows: readonly string[]): Table | undefined {
  const steps: string[][] = [[]];
  const columns: Column[] = [];
  let fields = selection;
  let way: string[] = [];
  let level = 0;
  for (const [index, name] of rows.entries()) {
    const next = fields.find((field) => field.name === name);
    if (!next) return undefined;
    if (index > 0) columns.push(...scalars(fields, level, way, name));
    way = [...way, name];
    if (isList(next.type)) {
      steps[level] = way;
      steps.push([]);
      level += 1;
      way = [];
    }
    fields = next.fields;
  }
  if (way.length > 0 || fields.length === 0) return undefined;
  columns.push(...scalars(fields, level, [], undefined));
  return { steps: steps.slice(0, level), columns: named(columns) };
}

function scalars(
  fields: readonly Selected[],
  level: number,
  way: readonly string[],
  skip: string | undefined,
): Column[] {
  const columns: Column[] = [];
  const walk = (below: readonly Selected[], path: readonly string[]): void => {
    for (const field of below) {
      const here = [...path, field.name];
      if (path.length === 0 && (field.name === skip || PAGING.has(field.name))) continue;
      if (field.fields.length === 0) columns.push({ name: here.join('.'), level, path: [...way, ...here] });
      else if (!isList(field.type)) walk(field.fields, here);
    }
  };
  walk(fields, []);
  return columns;
}

/** What a connection says of itself is not about its items. */
const PAGING: ReadonlySet<string> = new Set(['pageInfo', 'totalCount']);

/** A name that two levels share gets its way in front. */
function named(columns: readonly Column[]): readonly Column[] {
  const taken = new Set<string>();
  return columns.map((column) => {
    let { name } = column;
    for (let number = 2; taken.has(name); number += 1) name = `${column.name}_${number}`;
    taken.add(name);
    return { ...column, name };
  });
}

/** The rows of an answer's data, as CSV (RFC 4180, lines end in CR LF), without the head. */
export function* csvRows({ steps, columns }: Table, data: unknown): Generator<string> {
  const levels: unknown[] = [data];
  function* below(level: number): Generator<string> {
    const step = steps[level];
    if (!step) {
      yield `${columns.map(({ level: at, path }) => cell(valueAt(levels[at], path))).join(',')}\r\n`;
      return;
    }
    const list = valueAt(levels[level], step);
    for (const item of Array.isArray(list) ? list : []) {
      levels[level + 1] = item;
      yield* below(level + 1);
    }
  }
  yield* below(0);
}

/** The head of the table: the names of its columns. */
export function csvHead({ columns }: Table): string {
  return `${columns.map(({ name }) => cell(name)).join(',')}\r\n`;
}

export function valueAt(from: unknown, path: readonly string[]): unknown {
  let value = from;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Spreadsheets run a text that begins so as a formula: it gets an apostrophe in front. */
const FORMULA = /^[=+\-@\t\r]/;

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY).join(' ') : String(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
