// @ts-check

/** @import { ChatClient } from "../sdk/realtime.js" */
/** @import { FileInfo, UploadLimits } from "../sdk/src/types.js" */

import { sizeOf } from "../format.js";

/** Pictures that cannot hold a program; SVG can. Only these are shown, whatever a file says of itself. */
const rasters = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);

/** Larger pictures are offered as files. */
const largestPreview = 12_000_000;

/** Most pictures kept in memory. */
const mostPictures = 60;

/** What is known of files, and the pictures among them, fetched once. */
export class Files {
  #client;
  /** @type {Map<string, Promise<FileInfo>>} */
  #infos = new Map();
  /** @type {Map<string, Promise<string>>} Addresses of pictures in memory, the least recently used first. */
  #pictures = new Map();
  /** @type {Promise<UploadLimits> | null} */
  #limits = null;

  /** @param {ChatClient} client */
  constructor(client) {
    this.#client = client;
  }

  /**
   * @param {string} id
   * @returns {Promise<FileInfo>}
   */
  info(id) {
    let info = this.#infos.get(id);
    if (!info) {
      info = this.#client.files.get(id);
      this.#infos.set(id, info);
      info.catch(() => this.#infos.delete(id)); // Asked for again when it is looked at again.
    }

    return info;
  }

  /**
   * Why a file would be refused, in words; null where it may be sent, or where nobody says. A refusal that comes while bytes are still being sent is lost on a slow line: it looks like a broken one.
   * @param {File} file
   * @returns {Promise<string | null>}
   */
  async refusalOf(file) {
    /** @type {UploadLimits} */
    let limits;
    try {
      limits = await (this.#limits ??= this.#client.files.limits());
    } catch {
      this.#limits = null; // Asked again with the next file; this one is the service's to judge.
      return null;
    }

    if (file.size > limits.maxBytes) {
      return `Too large: at most ${sizeOf(limits.maxBytes)}.`;
    }

    const type = (file.type || "application/octet-stream").split(";")[0].trim().toLowerCase();
    return limits.contentTypes.includes(type) ? null : "Files of this kind are not accepted.";
  }

  /** @param {FileInfo} info */
  know(info) {
    this.#infos.set(info.id, Promise.resolve(info));
  }

  /** @param {FileInfo} info */
  isPicture({ contentType, size }) {
    return rasters.has(contentType.split(";")[0].trim().toLowerCase()) && size <= largestPreview;
  }

  /**
   * Address of a picture's bytes in memory.
   * @param {FileInfo} info
   * @returns {Promise<string>}
   */
  picture(info) {
    let picture = this.#pictures.get(info.id);
    this.#pictures.delete(info.id);
    if (!picture) {
      picture = this.#blob(info).then((blob) => URL.createObjectURL(blob));
      picture.catch(() => this.#pictures.delete(info.id));
    }

    this.#pictures.set(info.id, picture);
    this.#letGo();
    return picture;
  }

  /**
   * Hands a file to the browser's downloads.
   * @param {FileInfo} info
   */
  async save(info) {
    const address = URL.createObjectURL(await this.#blob(info));
    const link = document.createElement("a");
    link.href = address;
    link.download = info.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  close() {
    for (const picture of this.#pictures.values()) {
      picture.then((address) => URL.revokeObjectURL(address), () => undefined);
    }

    this.#pictures.clear();
  }

  /** @param {FileInfo} info */
  async #blob(info) {
    const response = await this.#client.files.content(info.id);
    // Of a type that the browser can do nothing with but show or save.
    return new Blob([await response.arrayBuffer()], { type: this.isPicture(info) ? info.contentType : "application/octet-stream" });
  }

  #letGo() {
    for (const [id, picture] of this.#pictures) {
      if (this.#pictures.size <= mostPictures) {
        return;
      }

      this.#pictures.delete(id);
      picture.then((address) => URL.revokeObjectURL(address), () => undefined);
    }
  }
}
