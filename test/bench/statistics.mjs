export function median(values) {
  return quantile(values, 0.5);
}

/** The value that so much of the others are at or below; the nearest that was measured, nothing in between. */
export function quantile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

export function round(value, digits = 1) {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}

export function count(value) {
  return Math.round(value).toLocaleString('en');
}
