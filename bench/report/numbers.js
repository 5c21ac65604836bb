/** Three digits, for any size. */
export function microsecondsText(value) {
  return value >= 100
    ? Math.round(value).toLocaleString("en-US")
    : value.toPrecision(value < 1 ? 2 : 3).replace(/\.0+$/, "");
}

export function perSecond(microseconds) {
  const count = 1e6 / microseconds;
  return Number(count.toPrecision(3)).toLocaleString("en-US");
}

export function thousands(count) {
  return Math.round(count).toLocaleString("en-US");
}

export function humanCount(count) {
  return count < 1000 ? String(count) : count < 1e6 ? `${count / 1000}k` : `${count / 1e6}M`;
}

export function humanBytes(bytes) {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  const [value, unit] = bytes < 1e6 ? [bytes / 1000, "kB"] : [bytes / 1e6, "MB"];
  return `${Number(value.toPrecision(3))} ${unit}`;
}
