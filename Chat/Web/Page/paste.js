// @ts-check

/**
 * Whether somebody copied writing. Spreadsheets and word processors put a picture of it beside it, which nobody means; a picture from another page comes with markup but without text, and a file from a
 * folder with its name as text but without markup.
 * @param {Pick<DataTransfer, "types" | "getData"> | null} data
 */
export function isWritten(data) {
  return data !== null && data.getData("text/plain").trim() !== "" && (data.types.includes("text/html") || data.types.includes("text/rtf"));
}

/**
 * The beginning of a text, without half of a character at its end.
 * @param {string} text
 * @param {number} length
 */
export function cutAt(text, length) {
  const end = Math.max(0, length);
  const unit = text.charCodeAt(end - 1);
  return text.slice(0, end < text.length && unit >= 0xd800 && unit < 0xdc00 ? end - 1 : end);
}
