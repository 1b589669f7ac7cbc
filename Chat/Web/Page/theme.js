// Runs before anything is painted, so that the page never flashes in the other theme. A classic script, as modules wait for the document.
(function () {
  "use strict";
  try {
    const chosen = localStorage.getItem("chat.theme");
    if (chosen === "light" || chosen === "dark") {
      document.documentElement.dataset.theme = chosen;
    }
  } catch {
    // Storage is switched off: the system's theme it is.
  }
})();
