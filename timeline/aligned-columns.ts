/**
 * Rows as lines, in columns as wide as their widest cell and two spaces apart. Columns of these indices are numbers, which end
 * under one another; all others begin so.
 */
export function alignedColumns(rows: readonly (readonly string[])[], numbers: readonly number[] = []): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const aligned = (cell: string, column: number): string =>
    numbers.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
  return rows.map((cells) => cells.map(aligned).join('  ').trimEnd());
}
