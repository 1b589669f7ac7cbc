// @ts-check

import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";

/** @import { Socket } from "node:net" */

const acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/**
 * A WebSocket client (RFC 6455) for tests in a Node that has none: the part of the browser's interface that the SDK uses, and `destroy`, which breaks the line as a network does.
 */
export class WebSocketClient {
  /** @type {any} */ onopen = null;
  /** @type {any} */ onmessage = null;
  /** @type {any} */ onclose = null;
  /** @type {any} */ onerror = null;
  binaryType = "arraybuffer";
  /** @type {Socket | null} */
  #socket = null;
  #request;
  #buffer = Buffer.alloc(0);
  /** @type {Buffer[]} */
  #fragments = [];
  #opcode = 0;
  #isOver = false;
  /** @type {{ code: number, reason: string } | null} */
  #closed = null;

  /**
   * @param {string} url
   * @param {string[]} protocols
   */
  constructor(url, protocols) {
    const key = randomBytes(16).toString("base64");
    this.#request = request(url.replace(/^ws/, "http"), {
      headers: { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key, "Sec-WebSocket-Protocol": protocols.join(", ") },
    });
    this.#request.on("upgrade", (response, socket, head) => {
      const expected = createHash("sha1").update(key + acceptSuffix).digest("base64");
      if (response.headers["sec-websocket-accept"] !== expected || response.headers["sec-websocket-protocol"] !== protocols[0]) {
        socket.destroy();
        this.#end(1006, "The handshake was answered wrongly.");
        return;
      }

      this.#socket = socket;
      socket.setNoDelay(true);
      socket.on("data", (data) => this.#receive(/** @type {Buffer} */ (data)));
      socket.on("error", () => undefined); // The close that follows is what counts.
      socket.on("close", () => this.#end(this.#closed?.code ?? 1006, this.#closed?.reason ?? ""));
      this.onopen?.({});
      this.#receive(head);
    });
    this.#request.on("response", (response) => {
      response.resume();
      this.#end(1006, "");
    });
    this.#request.on("error", () => this.#end(1006, ""));
    this.#request.end();
  }

  /** @param {string} text */
  send(text) {
    if (!this.#socket || this.#isOver) {
      throw new DOMException("The socket is not open.", "InvalidStateError");
    }

    this.#write(opcodes.text, Buffer.from(text));
  }

  /** @param {number} [code] */
  close(code) {
    if (!this.#socket) {
      this.#request.destroy();
      return;
    }

    const payload = Buffer.alloc(code === undefined ? 0 : 2);
    if (code !== undefined) {
      payload.writeUInt16BE(code);
    }

    this.#write(opcodes.close, payload);
  }

  /** Breaks the line without a word. */
  destroy() {
    this.#socket?.destroy();
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #end(code, reason) {
    if (!this.#isOver) {
      this.#isOver = true;
      this.onclose?.({ code, reason });
    }
  }

  /**
   * @param {number} opcode
   * @param {Buffer} payload
   */
  #write(opcode, payload) {
    const { length } = payload;
    const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    const frame = Buffer.alloc(2 + extended + 4 + length);
    frame[0] = 0x80 | opcode;
    frame[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
    if (extended === 2) {
      frame.writeUInt16BE(length, 2);
    } else if (extended === 8) {
      frame.writeBigUInt64BE(BigInt(length), 2);
    }

    const mask = randomBytes(4);
    mask.copy(frame, 2 + extended);
    for (let i = 0; i < length; i++) {
      frame[6 + extended + i] = payload[i] ^ mask[i % 4];
    }

    this.#socket?.write(frame);
  }

  /** @param {Buffer} data */
  #receive(data) {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    while (this.#buffer.length >= 2) {
      const short = this.#buffer[1] & 0x7f;
      const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
      if (this.#buffer.length < 2 + extended) {
        return;
      }

      const length = extended === 0 ? short : extended === 2 ? this.#buffer.readUInt16BE(2) : Number(this.#buffer.readBigUInt64BE(2));
      const end = 2 + extended + length;
      if (this.#buffer.length < end) {
        return;
      }

      const first = this.#buffer[0];
      const payload = this.#buffer.subarray(2 + extended, end);
      this.#buffer = this.#buffer.subarray(end);
      this.#handle(first & 0x0f, (first & 0x80) !== 0, payload);
    }
  }

  /**
   * @param {number} opcode
   * @param {boolean} isFinal
   * @param {Buffer} payload
   */
  #handle(opcode, isFinal, payload) {
    if (opcode === opcodes.ping) {
      this.#write(opcodes.pong, payload);
    } else if (opcode === opcodes.close) {
      this.#closed = payload.length < 2 ? { code: 1005, reason: "" } : { code: payload.readUInt16BE(0), reason: payload.subarray(2).toString() };
      this.#write(opcodes.close, payload.subarray(0, 2));
      this.#socket?.end();
    } else if (opcode !== opcodes.pong) {
      this.#opcode = opcode === opcodes.continuation ? this.#opcode : opcode;
      this.#fragments.push(payload);
      if (isFinal) {
        const whole = Buffer.concat(this.#fragments.splice(0));
        this.onmessage?.({ data: this.#opcode === opcodes.text ? whole.toString() : new Uint8Array(whole).buffer });
      }
    }
  }
}
