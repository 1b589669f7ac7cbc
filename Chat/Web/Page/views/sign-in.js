// @ts-check

/** @import { ChatClient } from "../sdk/realtime.js" */

import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { ProblemTypes } from "../sdk/realtime.js";
import { habits } from "../storage.js";
import { toast, wordsOf } from "../toast.js";
import { avatar } from "./avatar.js";
import { field } from "./controls.js";

const lastTenant = "chat.tenant";

/** @typedef {"in" | "register" | "signup"} Way */

/** @type {Record<Way, { tab: string, title: string, act: string, busy: string }>} */
const ways = {
  in: { tab: "Sign in", title: "Welcome back", act: "Sign in", busy: "Signing in…" },
  register: { tab: "Register", title: "Join a workspace", act: "Register", busy: "Registering…" },
  signup: { tab: "New workspace", title: "Start a workspace", act: "Create workspace", busy: "Creating…" },
};

/** Signing in, registering, and signing a workspace (a tenant) up. */
export class SignIn {
  #client;
  #done;
  #body = h("div", { class: "card-body" });
  #alert = h("p", { class: "alert", role: "alert" });
  /** @type {Map<Way, HTMLButtonElement>} */
  #tabs = new Map();
  #busy = false;

  /**
   * @param {HTMLElement} root
   * @param {ChatClient} client
   * @param {import("../main.js").Config["demo"] | null} demo
   * @param {string | null} note Why nobody is signed in.
   * @param {() => void} done
   */
  constructor(root, client, demo, note, done) {
    this.#client = client;
    this.#done = done;
    for (const way of /** @type {Way[]} */ (Object.keys(ways))) {
      this.#tabs.set(way, h("button", { type: "button", role: "tab", id: `tab-${way}`, "aria-controls": "card", on: { click: () => this.#show(way) } }, ways[way].tab));
    }

    const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Ways in", on: { keydown: (/** @type {KeyboardEvent} */ event) => this.#turn(event) } }, ...this.#tabs.values());
    fill(
      root,
      h(
        "main",
        { class: "entrance" },
        h("div", { class: "brand" }, h("span", { class: "mark" }, icon("check")), h("span", {}, "Chat")),
        note && h("p", { class: "note", role: "status" }, note),
        h("div", { class: "card" }, tabs, this.#body),
        demo && this.#demo(demo),
      ),
    );
    this.#show("in");
  }

  /** @param {NonNullable<import("../main.js").Config["demo"]>} demo */
  #demo(demo) {
    const buttons = demo.users.map(({ username, displayName }) =>
      h(
        "button",
        {
          type: "button",
          class: "demo-user",
          "aria-label": `Sign in as ${displayName}`,
          on: { click: () => this.#go(() => this.#client.login({ tenant: demo.tenant, username, password: demo.password })) },
        },
        avatar(username, displayName),
        h("span", { class: "demo-name" }, displayName),
        h("span", { class: "demo-user-name" }, username),
      ));
    return h(
      "section",
      { class: "demo", "aria-labelledby": "demo-title" },
      h("h2", { id: "demo-title" }, "Or look around as a demo user"),
      h("div", { class: "demo-users" }, ...buttons),
      h("p", { class: "hint" }, "Workspace ", h("code", {}, demo.tenant), ", password ", h("code", {}, demo.password), ". Only in Development."),
    );
  }

  /** @param {Way} way */
  #show(way) {
    for (const [name, tab] of this.#tabs) {
      tab.setAttribute("aria-selected", String(name === way));
      tab.tabIndex = name === way ? 0 : -1;
    }

    const { title, act, busy } = ways[way];
    const tenant = field(
      way === "signup" ? "Workspace id" : "Workspace",
      { name: "tenant", required: true, maxlength: 64, pattern: "[A-Za-z0-9_\\-]{1,64}", autocomplete: "organization", value: way === "signup" ? null : habits.get(lastTenant) },
      way === "signup" ? "Letters, digits, - and _. Others sign in with it." : undefined,
    );
    const name = field("Name of the workspace", { name: "name", required: true, maxlength: 200, autocomplete: "organization-title" });
    const username = field("User name", { name: "username", required: true, maxlength: 64, autocomplete: "username" });
    const displayName = field("Your name", { name: "displayName", maxlength: 200, autocomplete: "name", autocapitalize: "words" }, "As others see it.");
    const password = field(
      "Password",
      { name: "password", type: "password", required: true, maxlength: 256, minlength: way === "in" ? null : 8, autocomplete: way === "in" ? "current-password" : "new-password" },
      way === "in" ? undefined : "At least 8 characters.",
    );
    const button = h("button", { class: "primary wide", type: "submit" }, act);
    const form = h(
      "form",
      {
        on: {
          submit: (/** @type {Event} */ event) => {
            event.preventDefault();
            const user = { username: username.input.value.trim(), password: password.input.value, displayName: displayName.input.value.trim() || undefined };
            const id = tenant.input.value.trim();
            void this.#go(
              () =>
                way === "in"
                  ? this.#client.login({ tenant: id, username: user.username, password: user.password })
                  : way === "register"
                    ? this.#client.register(id, user)
                    : this.#client.signUp({ tenant: id, name: name.input.value.trim(), admin: user, openRegistration: true }),
              { button, act, busy, tenant: id },
            );
          },
        },
      },
      h("h1", {}, title),
      tenant.element,
      way === "signup" && name.element,
      way !== "in" && displayName.element,
      username.element,
      password.element,
      this.#alert,
      button,
    );
    this.#alert.textContent = "";
    fill(this.#body, form);
    this.#body.id = "card";
    this.#body.setAttribute("role", "tabpanel");
    this.#body.setAttribute("aria-labelledby", `tab-${way}`);
    (tenant.input.value ? username : tenant).input.focus();
  }

  /** @param {KeyboardEvent} event */
  #turn(event) {
    const names = [...this.#tabs.keys()];
    const at = names.findIndex((name) => this.#tabs.get(name) === document.activeElement);
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (at >= 0 && step !== 0) {
      const next = names[(at + step + names.length) % names.length];
      this.#show(next);
      this.#tabs.get(next)?.focus();
    }
  }

  /**
   * @param {() => Promise<unknown>} way
   * @param {{ button: HTMLButtonElement, act: string, busy: string, tenant: string }} [form]
   */
  async #go(way, form) {
    if (this.#busy) {
      return;
    }

    this.#busy = true;
    this.#alert.textContent = "";
    if (form) {
      form.button.textContent = form.busy;
    }

    try {
      await way();
      if (form) {
        habits.set(lastTenant, form.tenant);
      }

      this.#done();
    } catch (error) {
      if (/** @type {{ type?: string }} */ (error).type === ProblemTypes.storageUnavailable && this.#client.user) {
        toast(wordsOf(error), "error");
        this.#done();
      } else {
        this.#alert.textContent = wordsOf(error);
      }
    } finally {
      this.#busy = false;
      if (form) {
        form.button.textContent = form.act;
      }
    }
  }
}
