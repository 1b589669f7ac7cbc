// @ts-check

/**
 * @typedef {object} Actions
 * @property {() => void} find
 * @property {(step: number, unread: boolean) => void} move
 * @property {() => void} escape
 * @property {() => void} people
 * @property {() => void} hood
 * @property {() => void} help
 * @property {() => void} write
 */

/**
 * Keys that work everywhere on the page. A dialog has the keys to itself.
 * @param {Actions} actions
 * @param {AbortSignal} signal
 */
export function listenToKeys(actions, signal) {
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) {
        return;
      }

      const act = actionOf(event, actions);
      if (act) {
        event.preventDefault();
        act();
      }
    },
    { signal },
  );
}

/**
 * @param {KeyboardEvent} event
 * @param {Actions} actions
 * @returns {(() => void) | null}
 */
function actionOf(event, actions) {
  const { key, altKey, shiftKey } = event;
  const command = event.ctrlKey || event.metaKey;
  if (command && !altKey) {
    return key.toLowerCase() === "k" && !shiftKey
      ? actions.find
      : key === "." && !shiftKey
        ? actions.people
        : key.toLowerCase() === "h" && shiftKey
          ? actions.hood
          : null;
  }

  if (altKey && !command) {
    return key === "ArrowDown" ? () => actions.move(1, shiftKey) : key === "ArrowUp" ? () => actions.move(-1, shiftKey) : null;
  }

  if (key === "Escape") {
    return actions.escape;
  }

  if (isTyping(event.target)) {
    return null;
  }

  // Keys typed while nothing has the focus are meant for the message.
  return key === "?" ? actions.help : key.length === 1 && key !== " " && !(event.target instanceof HTMLButtonElement) && !(event.target instanceof HTMLAnchorElement) ? later(actions.write) : null;
}

/**
 * The key itself goes to where the focus is then.
 * @param {() => void} act
 */
function later(act) {
  act();
  return null;
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
