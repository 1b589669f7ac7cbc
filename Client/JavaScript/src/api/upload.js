// @ts-check

import { join, problemFrom, unreachable } from "../http.js";

/** @import { FileInfo, UploadOptions } from "../types.js" */
/** @import { Service } from "./service.js" */

const route = "/v1/files";
const sliceBytes = 64 * 1024;

/**
 * An upload is not retried automatically: each attempt would be a file of its own. Its duration depends on length and bandwidth, so it has no
 * deadline but the caller's signal.
 * @param {Service} fileman
 * @param {typeof XMLHttpRequest | null} xhr
 * @param {Blob | ArrayBuffer | ArrayBufferView | string} content
 * @param {UploadOptions} options
 * @returns {Promise<FileInfo>}
 */
export async function upload(fileman, xhr, content, { name, type, onProgress, signal }) {
  const blob = content instanceof Blob ? content : new Blob([/** @type {BlobPart} */ (content)]);
  const fileName = name ?? /** @type {{ name?: string }} */ (blob).name ?? "file";
  if (!fileName.isWellFormed()) {
    throw new TypeError("The file's name has a half of a character.");
  }

  const headers = { "Content-Type": type || blob.type || "application/octet-stream", "X-File-Name": encodeURIComponent(fileName) };
  const call = { method: "POST", base: fileman.base, path: route, headers, tokens: fileman.tokens, signal, timeout: 0 };
  if (!onProgress) {
    return fileman.http.json({ ...call, body: blob });
  }

  if (xhr) {
    return fileman.http.repeat(call, (token) => post(xhr, join(fileman.base, route), headers, token, blob, onProgress, signal));
  }

  // A stream is consumed by the first attempt: to repeat the call, pass a new one.
  return fileman.http.repeat(call, (token) =>
    fileman.http.json({ ...call, tokens: undefined, headers: { ...headers, Authorization: `Bearer ${token}` }, body: counted(blob, onProgress) }));
}

/**
 * The bytes, counted as they are taken.
 * @param {Blob} blob
 * @param {(progress: { loaded: number, total: number }) => void} onProgress
 */
function counted(blob, onProgress) {
  let loaded = 0;
  return new ReadableStream({
    async pull(controller) {
      const bytes = new Uint8Array(await blob.slice(loaded, loaded + sliceBytes).arrayBuffer());
      if (bytes.length === 0) {
        controller.close();
        return;
      }

      controller.enqueue(bytes);
      loaded += bytes.length;
      onProgress({ loaded, total: blob.size });
    },
  });
}

/**
 * @param {typeof XMLHttpRequest} XHR
 * @param {string} url
 * @param {Record<string, string>} headers
 * @param {string | undefined} token
 * @param {Blob} blob
 * @param {(progress: { loaded: number, total: number }) => void} onProgress
 * @param {AbortSignal} [signal]
 * @returns {Promise<FileInfo>}
 */
function post(XHR, url, headers, token, blob, onProgress, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = new XHR();
    const abort = () => request.abort();
    signal?.addEventListener("abort", abort, { once: true });
    request.open("POST", url);
    for (const [header, value] of Object.entries(headers)) {
      request.setRequestHeader(header, value);
    }

    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => onProgress({ loaded, total });
    request.onerror = () => reject(unreachable(new Error("The upload broke off.")));
    request.onabort = () => reject(signal?.reason ?? new DOMException("The upload was given up.", "AbortError"));
    request.onload = () => {
      if (request.status < 200 || request.status > 299) {
        reject(problemFrom(request.status, request.responseText, request.getResponseHeader("Retry-After")));
        return;
      }

      try {
        resolve(JSON.parse(request.responseText));
      } catch (error) {
        reject(unreachable(error));
      }
    };
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    request.send(blob);
  });
}
