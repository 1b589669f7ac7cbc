// @ts-check

import { ChatClient } from "./sdk/realtime.js";
import { startAnnouncer } from "./announcer.js";
import { fill, h } from "./dom.js";
import { Workspace } from "./model/workspace.js";
import { sharedStorage } from "./storage.js";
import { startToasts, toast, wordsOf } from "./toast.js";
import { Shell } from "./views/shell.js";
import { SignIn } from "./views/sign-in.js";

/**
 * @typedef {object} Config
 * @property {string} session
 * @property {string} chat
 * @property {string} fileman
 * @property {string} realtime
 * @property {{ tenant: string, password: string, users: { username: string, displayName: string }[] }} [demo]
 */

const storageBlocked = "This browser keeps nothing for this page: its storage is blocked. You can sign in, but only until the page is reloaded or closed.";

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
/** @type {Shell | null} */
let shell = null;
/** @type {Workspace | null} */
let workspace = null;

startAnnouncer();
startToasts();
try {
  await start(await readConfig());
} catch (error) {
  fill(root, h("main", { class: "stop" }, h("h1", {}, "The chat cannot start"), h("p", {}, wordsOf(error)), h("button", { class: "primary", type: "button", on: { click: () => location.reload() } }, "Try again")));
}

/** @returns {Promise<Config>} */
async function readConfig() {
  const response = await fetch("/web/config.json");
  if (!response.ok) {
    throw new Error(`The page's configuration did not come (${response.status}).`);
  }

  return response.json();
}

/** @param {Config} config */
async function start(config) {
  const network = forwarded();
  let isEntrance = false;
  const storage = sharedStorage();
  const client = new ChatClient({ ...config, storage: storage ?? undefined, storageKey: "chat.session", events: network });
  client.addEventListener("signedout", (event) => {
    const { reason } = /** @type {CustomEvent} */ (event).detail;
    if (reason !== "session-ended") {
      workspace?.drafts.clear();
    }

    leave();
    showSignIn(reasonOf(reason));
  });

  try {
    if (await client.resume()) {
      await enter();
      return;
    }
  } catch (error) {
    if (/** @type {{ isTransient?: boolean }} */ (error).isTransient) {
      throw error;
    }
  }

  if (!isEntrance) {
    showSignIn(storage ? null : storageBlocked);
  }

  /** @param {string | null} note */
  function showSignIn(note) {
    isEntrance = true;
    document.title = "Sign in · Chat";
    new SignIn(root, client, config.demo ?? null, note, () => {
      enter().catch((error) => toast(wordsOf(error), "error"));
    });
  }

  async function enter() {
    isEntrance = false;
    workspace = new Workspace(client, network);
    shell = new Shell(root, workspace);
    await workspace.start();
    shell.started();
  }
}

function leave() {
  shell?.close();
  workspace?.close();
  shell = null;
  workspace = null;
}

/** Forwards the window's events to an event target of our own, on which the page can also dispatch events. */
function forwarded() {
  const target = new EventTarget();
  for (const type of ["online", "offline", "pageshow", "visibilitychange"]) {
    window.addEventListener(type, () => target.dispatchEvent(new Event(type)));
  }

  window.addEventListener("storage", ({ key, oldValue, newValue }) => target.dispatchEvent(new StorageEvent("storage", { key, oldValue, newValue })));
  return target;
}

/** @param {string} reason */
function reasonOf(reason) {
  return reason === "session-ended" ? "Your session has ended. Sign in again." : reason === "other-tab" ? "You signed out in another tab." : reason === "replaced" ? "Somebody else signed in here." : null;
}
