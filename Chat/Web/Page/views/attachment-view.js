// @ts-check

/** @import { FileInfo } from "../sdk/src/types.js" */
/** @import { Workspace } from "../model/workspace.js" */

import { fill, h } from "../dom.js";
import { sizeOf } from "../format.js";
import { icon } from "../icons.js";
import { toast, wordsOf } from "../toast.js";
import { openDialog } from "./controls.js";

/**
 * A file of a message: a thumbnail where it is a picture, a download otherwise. Its place is as large from the beginning as it is at the end.
 * @param {Workspace} workspace
 * @param {string} id
 */
export function attachment(workspace, id) {
  const place = h("div", { class: "attachment" }, h("span", { class: "file" }, icon("file"), h("span", { class: "file-name" }, "A file")));
  void show();
  return place;

  async function show() {
    try {
      const info = await workspace.files.info(id);
      fill(place, workspace.files.isPicture(info) ? pictureOf(workspace, info) : downloadOf(workspace, info));
    } catch (error) {
      const missing = /** @type {{ status?: number }} */ (error).status === 404;
      fill(
        place,
        h("span", { class: "file" }, icon("warning"), h("span", { class: "file-name" }, missing ? "This file was removed." : wordsOf(error)), !missing && h("button", { type: "button", class: "link", on: { click: show } }, "Try again")),
      );
    }
  }
}

/**
 * @param {Workspace} workspace
 * @param {FileInfo} info
 */
function downloadOf(workspace, info) {
  const button = h(
    "button",
    { type: "button", class: "file", "aria-label": `Download ${info.name}, ${sizeOf(info.size)}` },
    icon("file"),
    h("span", { class: "file-name" }, info.name),
    h("span", { class: "file-size" }, sizeOf(info.size)),
    icon("download"),
  );
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await workspace.files.save(info);
    } catch (error) {
      toast(wordsOf(error), "error");
    } finally {
      button.disabled = false;
    }
  });
  return button;
}

/**
 * @param {Workspace} workspace
 * @param {FileInfo} info
 */
function pictureOf(workspace, info) {
  const image = h("img", { alt: "", decoding: "async" });
  const button = h("button", { type: "button", class: "picture loading", "aria-label": `Picture ${info.name}, ${sizeOf(info.size)}. Enlarge`, title: info.name }, image);
  button.addEventListener("click", () => void enlarge(workspace, info));
  image.addEventListener("load", () => button.classList.remove("loading"));
  image.addEventListener("error", () => fill(/** @type {Element} */ (button.parentElement ?? button), downloadOf(workspace, info)));
  // Nothing is shown that the service could not make a thumbnail of: it may cost a browser more than it has.
  (workspace.files.moves(info) ? workspace.files.picture(info) : workspace.files.thumbnail(info)).then(
    (address) => image.setAttribute("src", address),
    () => image.dispatchEvent(new Event("error")),
  );
  return button;
}

/**
 * @param {Workspace} workspace
 * @param {FileInfo} info
 */
async function enlarge(workspace, info) {
  try {
    const address = await (workspace.files.mayEnlarge(info) ? workspace.files.picture(info) : workspace.files.thumbnail(info));
    const dialog = openDialog(info.name, h("img", { class: "large-picture", src: address, alt: info.name }), downloadOf(workspace, info));
    dialog.classList.add("viewer");
  } catch (error) {
    toast(wordsOf(error), "error");
  }
}
