// @ts-check

/** @import { LiveOptions } from "../types.js" */

const defaults = Object.freeze({
  reconnectMin: 1_000,
  reconnectMax: 30_000,
  stableAfter: 10_000,
  connectTimeout: 10_000,
  answerTimeout: 10_000,
  probeTimeout: 3_000,
  closeTimeout: 2_000,
  reorderWindow: 250,
  repairAfter: 2_000,
  buffer: 1_024,
  eventBuffer: 256,
  maxFrame: 256 * 1_024,
});

/** @type {Partial<Record<keyof typeof defaults, [least: number, most: number]>>} */
const bounds = {
  buffer: [16, 65_536],
  eventBuffer: [1, 65_536],
  maxFrame: [4_096, 64 * 1_024 * 1_024],
};

/** @typedef {{ -readonly [Name in keyof typeof defaults]: number }} Settings */

/**
 * @param {LiveOptions} options
 * @returns {Settings}
 */
export function settingsOf(options) {
  const settings = /** @type {Settings} */ ({});
  for (const name of /** @type {(keyof Settings)[]} */ (Object.keys(defaults))) {
    const value = options[name] ?? defaults[name];
    const [least, most] = bounds[name] ?? [1, 24 * 3_600_000];
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}.`);
    }

    settings[name] = value;
  }

  if (settings.reconnectMax < settings.reconnectMin) {
    throw new RangeError(`reconnectMax (${settings.reconnectMax}) must not be less than reconnectMin (${settings.reconnectMin}).`);
  }

  return settings;
}
