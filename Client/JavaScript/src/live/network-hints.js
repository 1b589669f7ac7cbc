// @ts-check

/** Whether somebody looks at the page. Without a document, as in Node, raising the event counts as yes. */
const isSeen = () => globalThis.document?.visibilityState !== "hidden";

/**
 * What the machine says about its network is a hint, never proof: machines are wrong about it, and localhost needs none. It only makes us ask sooner.
 * @param {EventTarget | null} events The window, in browsers.
 * @param {{ better: () => void, worse: () => void }} on `better`: online again, or a page that was put aside or not looked at is shown again: its socket may have died meanwhile, and timers of hidden pages are slow.
 * @returns {() => void} Listens no more.
 */
export function listenToNetwork(events, { better, worse }) {
  const listeners = /** @type {const} */ ([["online", better], ["pageshow", better], ["visibilitychange", () => isSeen() && better()], ["offline", worse]]);
  for (const [type, listener] of listeners) {
    events?.addEventListener(type, listener);
  }

  return () => {
    for (const [type, listener] of listeners) {
      events?.removeEventListener(type, listener);
    }
  };
}
