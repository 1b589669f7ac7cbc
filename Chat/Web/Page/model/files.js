// @ts-check

/** @import { ChatClient } from "../sdk/realtime.js" */
/** @import { FileInfo, UploadLimits } from "../sdk/src/types.js" */

import { sizeOf } from "../format.js";

/** Pictures that cannot hold a program; SVG can. Only these are shown, whatever type a file claims. */
const rasters = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);

/** Larger pictures are offered as files when somebody wants more than the thumbnail. */
const largestPicture = 32_000_000;

/** An animated picture up to this size plays inline; for a larger one the thumbnail is shown. */
const largestMoving = { bytes: 8_000_000, pixels: 2_000_000 };

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
   * Why a file would be refused, as a sentence; null if it may be sent, or if the limits are unknown. A refusal that comes while bytes are still
   * being sent is lost on a slow line: it looks like a broken one.
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

    // Of a file whose type the browser does not know, the service judges by its name.
    const type = file.type.split(";")[0].trim().toLowerCase();
    return type === "" || limits.contentTypes.includes(type) || limits.contentTypes.includes("*/*") ? null : "Files of this kind are not accepted.";
  }

  /** @param {FileInfo} info */
  know(info) {
    this.#infos.set(info.id, Promise.resolve(info));
  }

  /** @param {FileInfo} info */
  isPicture({ contentType }) {
    return rasters.has(contentType.split(";")[0].trim().toLowerCase());
  }

  /**
   * Whether a picture is animated and may play inline.
   * @param {FileInfo} info
   */
  moves({ picture, size }) {
    return picture !== undefined && picture.animated && size <= largestMoving.bytes && picture.width * picture.height <= largestMoving.pixels
      && !matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  /**
   * Whether a picture may be looked at in full: the service has found it to be one that a browser can handle.
   * @param {FileInfo} info
   */
  mayEnlarge(info) {
    return info.size <= largestPicture;
  }

  /**
   * Address of a picture's bytes in memory.
   * @param {FileInfo} info
   * @returns {Promise<string>}
   */
  picture(info) {
    return this.#address(info.id, () => this.#blob(info));
  }

  /**
   * Address of a thumbnail's bytes in memory.
   * @param {FileInfo} info
   * @returns {Promise<string>}
   */
  thumbnail(info) {
    return this.#address(`${info.id}/thumbnail`, async () => {
      const response = await this.#client.files.thumbnail(info.id);
      return new Blob([await response.arrayBuffer()], { type: "image/webp" });
    });
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

  /**
   * @param {string} key
   * @param {() => Promise<Blob>} fetched
   */
  #address(key, fetched) {
    let address = this.#pictures.get(key);
    this.#pictures.delete(key);
    if (!address) {
      address = fetched().then((blob) => URL.createObjectURL(blob));
      address.catch(() => this.#pictures.delete(key));
    }

    this.#pictures.set(key, address);
    this.#letGo();
    return address;
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
