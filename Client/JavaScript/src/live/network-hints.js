// @ts-check

/**
 * What the machine says about its network is a hint, never proof: machines are wrong about it, and localhost needs none. It only makes us ask sooner.
 * @param {EventTarget | null} events The window, in browsers.
 * @param {{ better: () => void, worse: () => void }} on `better`: online again, or a page that was put aside is shown again.
 * @returns {() => void} Listens no more.
 */
export function listenToNetwork(events, { better, worse }) {
  const listeners = /** @type {const} */ ([["online", better], ["pageshow", better], ["offline", worse]]);
  for (const [type, listener] of listeners) {
    events?.addEventListener(type, listener);
  }

  return () => {
    for (const [type, listener] of listeners) {
      events?.removeEventListener(type, listener);
    }
  };
}
