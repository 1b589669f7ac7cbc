// @ts-check

/** An EventTarget whose events carry what they bring in `event.detail`. */
export class Emitter extends EventTarget {
  /**
   * @param {string} type
   * @param {((event: CustomEvent) => void) | EventListenerObject | null} listener
   * @param {boolean | AddEventListenerOptions} [options]
   */
  addEventListener(type, listener, options) {
    super.addEventListener(type, /** @type {EventListener} */ (listener), options);
  }

  /**
   * @protected
   * @param {string} type
   * @param {unknown} detail
   */
  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
