// @ts-check

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const fullTime = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const thisYear = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const otherYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const shortDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const units = ["B", "KB", "MB", "GB", "TB"];

/** @param {Date} date */
export function timeOf(date) {
  return clock.format(date);
}

/** @param {Date} date */
export function fullTimeOf(date) {
  return fullTime.format(date);
}

/**
 * The same for all moments of one day here.
 * @param {Date} date
 */
export function dayKey(date) {
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

/**
 * @param {Date} date
 * @param {Date} [now]
 */
export function dayOf(date, now = new Date()) {
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  return dayKey(date) === dayKey(now)
    ? "Today"
    : dayKey(date) === dayKey(yesterday)
      ? "Yesterday"
      : (date.getFullYear() === now.getFullYear() ? thisYear : otherYear).format(date);
}

/**
 * When something happened, as short as a list needs it.
 * @param {Date} date
 * @param {Date} [now]
 */
export function shortTimeOf(date, now = new Date()) {
  return dayKey(date) === dayKey(now) ? clock.format(date) : shortDay.format(date);
}

/** @param {number} bytes */
export function sizeOf(bytes) {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }

  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** @param {number} milliseconds */
export function delayOf(milliseconds) {
  return milliseconds < 1000 ? `${Math.max(0, Math.round(milliseconds))} ms` : milliseconds < 60_000 ? `${(milliseconds / 1000).toFixed(1)} s` : `${Math.round(milliseconds / 60_000)} min`;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * Up to two initials of a name.
 * @param {string} name
 */
export function initialsOf(name) {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
  return letters.map((word) => [...word][0] ?? "?").join("").toUpperCase();
}

/**
 * A hue that always is the same for the same id.
 * @param {string} id
 */
export function hueOf(id) {
  let hash = 2166136261;
  for (let i = 0; i < id.length; i++) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
  }

  return (hash >>> 0) % 360;
}
