// @ts-check

import { path } from "./service.js";
import { upload } from "./upload.js";

/** @import { CallOptions, FileInfo, Page, PageOptions, UploadLimits, UploadOptions } from "../types.js" */
/** @import { Service } from "./service.js" */

/** Uploads and downloads. */
export class FilesApi {
  #fileman;
  #xhr;

  /**
   * @param {Service} fileman
   * @param {typeof XMLHttpRequest | null} xhr Reports the progress of uploads, which fetch cannot do in browsers.
   */
  constructor(fileman, xhr) {
    this.#fileman = fileman;
    this.#xhr = xhr;
  }

  /**
   * Uploads a file. Fails with `payload-too-large`, `quota-exceeded` or `storage-full`. What the content was found to be is the answer's `contentType`.
   * @param {Blob | ArrayBuffer | ArrayBufferView | string} content
   * @param {UploadOptions} [options]
   * @returns {Promise<FileInfo>}
   */
  async upload(content, options = {}) {
    return upload(this.#fileman, this.#xhr, content, options);
  }

  /**
   * What may be uploaded.
   * @param {CallOptions} [options]
   * @returns {Promise<UploadLimits>}
   */
  async limits({ signal } = {}) {
    return this.#fileman.get("/v1/files/limits", { signal });
  }

  /**
   * Metadata of one file.
   * @param {string} file
   * @param {CallOptions} [options]
   * @returns {Promise<FileInfo>}
   */
  async get(file, { signal } = {}) {
    return this.#fileman.get(path`/v1/files/${file}`, { signal });
  }

  /**
   * Files in order of id.
   * @param {PageOptions} [options]
   * @returns {Promise<Page<FileInfo>>}
   */
  async list({ after, limit, signal } = {}) {
    return this.#fileman.get("/v1/files", { query: { after, limit }, signal });
  }

  /**
   * A file's bytes, all or from an offset, as the Response of fetch: stream it, or take `await response.blob()`. What you do with the bytes is yours to judge: show as an image what you know to be one.
   * @param {string} file
   * @param {{ offset?: number, signal?: AbortSignal }} [options]
   * @returns {Promise<Response>}
   */
  async content(file, { offset = 0, signal } = {}) {
    /** @type {Record<string, string>} */
    const headers = offset > 0 ? { Range: `bytes=${offset}-` } : {};
    return this.#fileman.read(path`/v1/files/${file}/content`, { headers, lingers: true, signal }, (response) => response);
  }

  /**
   * A small picture of a picture (image/webp), as the Response of fetch. Fails with `thumbnail-not-found` if the file has none: offer it as a
   * download.
   * @param {string} file
   * @param {CallOptions} [options]
   * @returns {Promise<Response>}
   */
  thumbnail(file, { signal } = {}) {
    return this.#fileman.read(path`/v1/files/${file}/thumbnail`, { lingers: true, signal }, (response) => response);
  }

  /**
   * Removes a file; for its owner and admins.
   * @param {string} file
   * @param {CallOptions} [options]
   * @returns {Promise<void>}
   */
  async remove(file, { signal } = {}) {
    return this.#fileman.call("DELETE", path`/v1/files/${file}`, { repeatable: true, signal });
  }
}
