// @ts-check

import { register } from "node:module";

/** The page finds the SDK beside itself, as chat serves both; in the repository it is elsewhere. */
const hook = `export async function resolve(specifier, context, next) {
  return next(specifier.replace(/^(\\.\\.?\\/)+sdk\\//, ${JSON.stringify(new URL("../../../../Client/JavaScript/", import.meta.url).href)}), context);
}`;

register(`data:text/javascript,${encodeURIComponent(hook)}`);
