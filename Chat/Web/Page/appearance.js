// @ts-check

import { habits } from "./storage.js";

const key = "chat.theme";

/** @typedef {"system" | "light" | "dark"} Theme */

/** @returns {Theme} */
export function theme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

/** @param {Theme} chosen */
export function setTheme(chosen) {
  if (chosen === "system") {
    delete document.documentElement.dataset.theme;
    habits.remove(key);
  } else {
    document.documentElement.dataset.theme = chosen;
    habits.set(key, chosen);
  }
}
