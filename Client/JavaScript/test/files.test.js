// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "./support/fake-clock.js";
import { answer, FakeServer, problem } from "./support/fake-server.js";

const stored = { id: "f", owner: "u", name: "n", contentType: "text/plain", size: 3, sha256: "", createdAt: "2026-01-01T00:00:00Z" };

/** @param {FakeServer} server */
async function uploads(server) {
  const client = await server.signIn();
  server.on("POST", "/v1/files", () => answer(201, stored));
  return client;
}

test("an upload carries its name and type, whatever it is made of", async () => {
  const server = new FakeServer();
  const client = await uploads(server);
  for (const [content, options, name, type] of /** @type {[any, any, string, string][]} */ ([
    [new File(["abc"], "Grüße & \"x\".txt", { type: "text/plain" }), {}, "Gr%C3%BC%C3%9Fe%20%26%20%22x%22.txt", "text/plain"],
    [new Blob(["abc"], { type: "image/png" }), { name: "a.png" }, "a.png", "image/png"],
    [new Uint8Array([1, 2, 3]), { type: "image/gif" }, "file", "image/gif"],
    [new Uint8Array([1, 2, 3]).buffer, {}, "file", "application/octet-stream"],
    ["abc", { name: "x", type: "text/plain" }, "x", "text/plain"],
  ])) {
    assert.equal((await client.files.upload(content, options)).id, "f");
    const { headers, body, token } = /** @type {any} */ (server.calls.at(-1));
    assert.deepEqual([headers.get("X-File-Name"), headers.get("Content-Type"), token, body.size], [name, type, "access1", 3]);
  }
});

test("a name with half of a character is refused by the promise, not by the call", async () => {
  const server = new FakeServer();
  const client = await uploads(server);
  for (const [content, options] of /** @type {[any, any][]} */ ([["abc", { name: "a\ud83d.txt" }], ["abc", { name: "\udc00", onProgress: () => undefined }], [new File(["abc"], "a.txt"), { name: "\ud83d" }]])) {
    await assert.rejects(client.files.upload(content, options), TypeError);
  }

  assert.equal(server.callsOf("POST", "/v1/files").length, 0);
});

test("progress is told while the bytes go out", async () => {
  const server = new FakeServer();
  const client = await uploads(server);
  /** @type {number[]} */
  const arrived = [];
  server.on("POST", "/v1/files", ({ body }) => (async () => {
    for await (const chunk of body) {
      arrived.push(chunk.length);
    }

    return answer(201, stored);
  })());
  /** @type {{ loaded: number, total: number }[]} */
  const progress = [];
  await client.files.upload(new Uint8Array(150_000), { onProgress: (step) => progress.push(step) });
  assert.equal(arrived.reduce((sum, length) => sum + length, 0), 150_000);
  assert.deepEqual(progress.map(({ loaded }) => loaded), [65_536, 131_072, 150_000]);
  assert.equal(progress[0].total, 150_000);
});

test("a streamed upload whose token was refused is streamed again", async () => {
  const server = new FakeServer();
  const client = await uploads(server);
  server.on("POST", "/v1/files", ({ token, body }) => (async () => {
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
    }

    return token === "access1" ? problem(401, "unauthenticated") : answer(201, { ...stored, size: bytes });
  })());
  assert.equal((await client.files.upload(new Uint8Array(100_000), { onProgress: () => undefined })).size, 100_000);
});

test("an upload has no deadline, and its signal gives it up", async () => {
  const server = new FakeServer();
  const client = await uploads(server);
  server.on("POST", "/v1/files", server.hang());
  const stop = new AbortController();
  const uploading = client.files.upload("abc", { signal: stop.signal });
  await server.clock.advance(300_000);
  stop.abort(new Error("enough"));
  await assert.rejects(uploading, /enough/);
  assert.equal(server.clock.pending, 0);
});

test("a refusal is told with its type", async () => {
  const server = new FakeServer();
  const client = await uploads(server);
  server.on("POST", "/v1/files", () => problem(413, "quota-exceeded"));
  await assert.rejects(client.files.upload("abc"), { status: 413, type: "urn:problem:quota-exceeded" });
});

test("content comes as a Response that the signal governs to its end, all or from an offset", async () => {
  const server = new FakeServer();
  const client = await uploads(server);
  /** @type {AbortSignal | undefined} */
  let signal;
  server.on("GET", "/v1/files/f/content", (_call, init) => {
    signal = init.signal;
    return new Response("abc");
  });
  const stop = new AbortController();
  const response = await client.files.content("f", { offset: 7, signal: stop.signal });
  assert.equal(server.calls.at(-1)?.headers.get("Range"), "bytes=7-");
  assert.equal(await response.text(), "abc");
  await server.clock.advance(60_000);
  assert.equal(signal?.aborted, false);
  stop.abort();
  assert.equal(signal?.aborted, true);
});

test("a thumbnail comes as a Response, or there is none", async () => {
  const server = new FakeServer();
  const client = await uploads(server);
  server.on("GET", "/v1/files/f/thumbnail", () => new Response("abc", { headers: { "Content-Type": "image/webp" } }));
  server.on("GET", "/v1/files/g/thumbnail", () => problem(404, "thumbnail-not-found"));
  const response = await client.files.thumbnail("f");
  assert.deepEqual([response.headers.get("Content-Type"), await response.text()], ["image/webp", "abc"]);
  await assert.rejects(client.files.thumbnail("g"), { status: 404, type: "urn:problem:thumbnail-not-found" });
});

/** What a browser has for uploads with progress, as far as the SDK uses it. */
class FakeXhr {
  /** @type {FakeXhr[]} */
  static all = [];
  /** @type {Record<string, string>} */
  headers = {};
  /** @type {any} */
  upload = {};
  /** @type {any} */ onload;
  /** @type {any} */ onerror;
  /** @type {any} */ onabort;
  /** @type {any} */ onloadend;
  status = 0;
  responseText = "";
  body = /** @type {any} */ (null);

  constructor() {
    FakeXhr.all.push(this);
  }

  open(/** @type {string} */ method, /** @type {string} */ url) {
    this.target = `${method} ${url}`;
  }

  setRequestHeader(/** @type {string} */ name, /** @type {string} */ value) {
    this.headers[name] = value;
  }

  getResponseHeader() {
    return null;
  }

  send(/** @type {any} */ body) {
    this.body = body;
  }

  abort() {
    this.onabort();
    this.onloadend();
  }

  respond(/** @type {number} */ status, /** @type {unknown} */ body) {
    this.status = status;
    this.responseText = typeof body === "string" ? body : JSON.stringify(body);
    this.onload();
    this.onloadend();
  }
}

test("in a browser progress comes from XMLHttpRequest", async () => {
  const server = new FakeServer();
  const original = { fetch: globalThis.fetch, XMLHttpRequest: globalThis.XMLHttpRequest };
  Object.assign(globalThis, { fetch: server.fetch, XMLHttpRequest: FakeXhr });
  try {
    const client = await server.signIn({ fetch: undefined });
    /** @type {any[]} */
    const progress = [];
    const uploading = client.files.upload(new Blob(["abc"], { type: "text/plain" }), { name: "n", onProgress: (step) => progress.push(step) });
    await settle();
    const [first] = FakeXhr.all;
    assert.equal(first.target, "POST http://fileman.test/v1/files");
    assert.deepEqual(first.headers, { "Content-Type": "text/plain", "X-File-Name": "n", Authorization: "Bearer access1" });
    first.upload.onprogress({ loaded: 2, total: 3 });
    first.respond(401, { type: "urn:problem:unauthenticated" });
    await settle();
    const second = FakeXhr.all[1];
    assert.equal(second.headers.Authorization, "Bearer access2");
    second.respond(201, stored);
    assert.equal((await uploading).id, "f");
    assert.deepEqual(progress, [{ loaded: 2, total: 3 }]);

    const refused = client.files.upload(new Blob(["abc"]), { onProgress: () => undefined });
    await settle();
    FakeXhr.all[2].respond(415, { type: "urn:problem:unsupported-media-type", detail: "no" });
    await assert.rejects(refused, { name: "ChatError", status: 415, detail: "no" });

    const lost = client.files.upload(new Blob(["abc"]), { onProgress: () => undefined });
    await settle();
    FakeXhr.all[3].onerror();
    await assert.rejects(lost, { status: 0 });

    const stop = new AbortController();
    const given = client.files.upload(new Blob(["abc"]), { onProgress: () => undefined, signal: stop.signal });
    await settle();
    stop.abort(new Error("enough"));
    await assert.rejects(given, /enough/);
  } finally {
    Object.assign(globalThis, original);
  }
});
