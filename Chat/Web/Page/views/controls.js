// @ts-check

import { h } from "../dom.js";
import { icon } from "../icons.js";

/**
 * A button that shows a drawing only; its name is for screen readers and for the pointer that rests on it.
 * @param {Parameters<typeof icon>[0]} drawing
 * @param {string} label
 * @param {() => void} click
 * @param {Record<string, any>} [props]
 */
export function iconButton(drawing, label, click, props = {}) {
  return h("button", { type: "button", ...props, class: `round ${props.class ?? ""}`, "aria-label": label, title: props.title ?? label, on: { click } }, icon(drawing));
}

let numbers = 0;

/**
 * A labelled field.
 * @param {string} label
 * @param {Record<string, any>} props Of the input.
 * @param {string} [hint]
 */
export function field(label, props, hint) {
  const id = `f${++numbers}`;
  const input = h("input", { type: "text", autocapitalize: "off", spellcheck: "false", ...props, id, "aria-describedby": hint ? `${id}h` : undefined });
  return { input, element: h("div", { class: "field" }, h("label", { for: id }, label), input, hint ? h("p", { class: "hint", id: `${id}h` }, hint) : null) };
}

/**
 * A dialog above everything else; the browser keeps the focus inside and gives it back afterwards.
 * @param {string} title
 * @param {...import("../dom.js").Child} content
 */
export function openDialog(title, ...content) {
  const id = `d${++numbers}`;
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": id },
    h("header", {}, h("h2", { id }, title), iconButton("close", "Close", () => dialog.close())),
    h("div", { class: "dialog-body" }, ...content),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) {
      dialog.close(); // Beside it.
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
