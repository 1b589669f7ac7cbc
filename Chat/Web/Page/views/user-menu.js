// @ts-check

/** @import { Workspace } from "../model/workspace.js" */
/** @import { Theme } from "../appearance.js" */

import { setTheme, theme } from "../appearance.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { toast, wordsOf } from "../toast.js";
import { showKeys } from "./dialogs.js";

/** @type {[Theme, string, Parameters<typeof icon>[0]][]} */
const themes = [
  ["system", "As the system", "contrast"],
  ["light", "Light", "sun"],
  ["dark", "Dark", "moon"],
];

/**
 * Opens the menu above the button that holds the user's name; closes it when it is open.
 * @param {Workspace} workspace
 * @param {HTMLElement} button
 */
export function toggleUserMenu(workspace, button) {
  if (button.getAttribute("aria-expanded") === "true") {
    button.dispatchEvent(new Event("closemenu"));
    return;
  }

  const stop = new AbortController();
  const menu = h(
    "div",
    { class: "menu", role: "menu", "aria-label": "Settings" },
    h("p", { class: "menu-title", role: "presentation" }, "Appearance"),
    ...themes.map(([name, label, drawing]) =>
      h(
        "button",
        { type: "button", role: "menuitemradio", "aria-checked": String(theme() === name), on: { click: () => choose(name) } },
        icon(drawing),
        label,
        h("span", { class: "tick" }, icon("check")),
      )),
    h("hr"),
    h("button", { type: "button", role: "menuitem", on: { click: () => (close(), showKeys()) } }, icon("keyboard"), "Keyboard"),
    h("button", { type: "button", role: "menuitem", on: { click: () => void signOut() } }, icon("leave"), "Sign out"),
  );
  button.setAttribute("aria-expanded", "true");
  button.before(menu);
  /** @type {HTMLElement} */ (menu.querySelector("[aria-checked=true]")).focus();
  button.addEventListener("closemenu", close, { signal: stop.signal });
  document.addEventListener(
    "pointerdown",
    (event) => {
      const target = /** @type {Node} */ (event.target);
      if (!menu.contains(target) && !button.contains(target)) {
        close();
      }
    },
    { signal: stop.signal },
  );
  menu.addEventListener("keydown", (event) => {
    const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("button")]);
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      items[(at + step + items.length) % items.length].focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      close();
      button.focus();
    }
  });

  function close() {
    stop.abort();
    menu.remove();
    button.setAttribute("aria-expanded", "false");
  }

  /** @param {Theme} name */
  function choose(name) {
    setTheme(name);
    close();
    button.focus();
  }

  async function signOut() {
    close();
    try {
      await workspace.client.logout();
    } catch (error) {
      toast(wordsOf(error), "error");
    }
  }
}
