/** Numbers as people read them. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 12,345 */
export const count = (value: number): string => whole.format(value);

/** 93.2 % */
export const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)}\u00a0%`;

/** 3.1 MB */
export function size(bytes: number): string {
  if (bytes < 2 ** 20) return `${count(Math.ceil(bytes / 2 ** 10))} KB`;
  if (bytes < 2 ** 30) return `${(bytes / 2 ** 20).toFixed(1)} MB`;
  return `${(bytes / 2 ** 30).toFixed(2)} GB`;
}

/** 45 s, 3 min 20 s, 2 h 5 min */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

const time = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });

/** today, 14:03; May 3, 2026, 14:03. In milliseconds since 1970. */
export function when(moment: number): string {
  const [date, today] = [day.format(moment), day.format(Date.now())];
  return `${date === today ? "today" : date}, ${time.format(moment)}`;
}

/** Up to three significant digits, and a power of ten where it is very small: 0.002, 1e-6. */
export function short(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-3) return Number(value.toPrecision(2)).toExponential();
  return String(Number(value.toPrecision(3)));
}

/** a.txt and b.txt; reviews (2,000 files); a.txt and 12 more */
export function fileNames(names: readonly string[]): string {
  const [first = ""] = names;
  if (names.length <= 3) return names.join(" and ");
  const folder = first.slice(0, first.indexOf("/") + 1);
  if (folder !== "" && names.every((name) => name.startsWith(folder))) {
    return `${folder.slice(0, -1)} (${count(names.length)} files)`;
  }
  return `${first} and ${count(names.length - 1)} more`;
}

/** Beginning with a capital letter, as a sentence does. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
