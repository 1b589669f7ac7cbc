// Keeps the window at its end while it is followed, and tells the page when somebody scrolls away from there or back to it.
const boxes = new WeakMap();
const Near = 30;

const isAtEnd = box => box.scrollHeight - box.scrollTop - box.clientHeight < Near;
const toEnd = box => { box.scrollTop = box.scrollHeight; };

export function attach(box, page) {
  // Only a person's hand ends the following: lines that come in scroll too.
  const state = { following: true, byHand: false };
  const observer = new MutationObserver(() => { if (state.following) toEnd(box); });
  observer.observe(box, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ['style'] });
  const hand = e => { state.byHand = e.type !== 'wheel' || e.deltaY < 0; };
  const scroll = () => {
    if (state.following && state.byHand && !isAtEnd(box)) set(false);
    else if (!state.following && state.byHand && isAtEnd(box)) set(true);
  };
  const wheelDown = e => { if (e.deltaY > 0 && !state.following) state.byHand = true; };
  const set = following => {
    state.following = following;
    state.byHand = false;
    page.invokeMethodAsync('SetFollowing', following);
  };
  for (const type of ['wheel', 'touchmove', 'keydown', 'pointerdown']) box.addEventListener(type, hand, { passive: true });
  box.addEventListener('wheel', wheelDown, { passive: true });
  box.addEventListener('scroll', scroll, { passive: true });
  boxes.set(box, { state, observer });
  toEnd(box);
}

export function setFollowing(box, following) {
  const known = boxes.get(box);
  if (!known) return;
  known.state.following = following;
  known.state.byHand = false;
  if (following) toEnd(box);
}

export function detach(box) {
  boxes.get(box)?.observer.disconnect();
  boxes.delete(box);
}
