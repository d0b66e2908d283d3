export function isSeparatorRow(row: string): boolean {
  const trimmed = row.trim();
  return trimmed.length > 2 && trimmed.includes('-') && /^[|:+\-=\s]+$/.test(trimmed) && /[|+]/.test(trimmed);
}

/** `inside` says that a header row stands above; then a row needs no outer bars. */
export function looksLikeRow(row: string, next: string, inside: boolean): boolean {
  if (isSeparatorRow(row)) return true;
  if (!row.includes('|')) return false;
  if (row.startsWith('|')) return true;
  return inside || isSeparatorRow(next);
}

/** Splits at bars that are not escaped. Empty cells keep their place. */
export function cellsOf(row: string): readonly string[] {
  const cells: string[] = [];
  let cell = '';
  for (let index = 0; index < row.length; index += 1) {
    const char = row[index];
    if (char === '\\' && row[index + 1] === '|') {
      cell += '|';
      index += 1;
    } else if (char === '|') {
      cells.push(cell.trim());
      cell = '';
    } else {
      cell += char;
    }
  }
  cells.push(cell.trim());
  if (row.startsWith('|')) cells.shift();
  if (cells.at(-1) === '') cells.pop();
  return cells;
}
