// @ts-check

/** @typedef {Node | string | number | null | undefined | false | Child[]} Child */

/**
 * Creates an element. Strings become text or an attribute's value, never markup.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [props] Attributes; `on` holds listeners, `dataset` data attributes. False, null and undefined are left out.
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) {
      continue;
    }

    if (name === "on") {
      for (const [type, listener] of Object.entries(value)) {
        element.addEventListener(type, listener);
      }
    } else if (name === "dataset") {
      Object.assign(element.dataset, value);
    } else {
      element.setAttribute(name === "class" ? "class" : name, value === true ? "" : String(value));
    }
  }

  element.append(...nodesOf(children));
  return element;
}

/**
 * Replaces what an element holds.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...nodesOf(children));
}

/**
 * Makes an element's children these, in this order, and moves only those that are not where they should be: focus, selection and scroll positions stay.
 * @param {Element} parent
 * @param {Element[]} wanted
 */
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) {
    if (!keep.has(child)) {
      child.remove();
    }
  }

  let next = parent.firstElementChild;
  for (const child of wanted) {
    if (child === next) {
      next = next.nextElementSibling;
    } else {
      parent.insertBefore(child, next);
    }
  }
}

/** Runs once in the next frame, however often it is requested. Hidden tabs have no frames; a timer replaces them. */
export class Frame {
  #work;
  #asked = false;

  /** @param {() => void} work */
  constructor(work) {
    this.#work = work;
  }

  ask() {
    if (this.#asked) {
      return;
    }

    this.#asked = true;
    const run = () => {
      if (this.#asked) {
        this.#asked = false;
        this.#work();
      }
    };
    if (document.visibilityState === "hidden") {
      setTimeout(run, 250);
    } else {
      requestAnimationFrame(run);
    }
  }

  /** Does what was asked for now. */
  now() {
    this.#asked = false;
    this.#work();
  }
}

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function nodesOf(children) {
  return /** @type {any[]} */ (children)
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false && child !== "")
    .map((child) => (child instanceof Node ? child : String(child)));
}
