/** Lines of a table with columns as wide as they need to be; the last one is free. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ');
  return [
    line(heads),
    line(widths.map((width, column) => '-'.repeat(column === heads.length - 1 ? 8 : width))),
    ...rows.map(line),
  ].join('\n');
}
