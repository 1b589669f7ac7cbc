// Before the first paint: what was chosen in this browser, else what the system has. The components' script, which comes later, says when it changes.
(() => {
  const root = document.documentElement;
  const apply = mode => { root.style.colorScheme = mode === 'dark' || mode === 'light' ? mode : 'light dark'; };
  try {
    apply(JSON.parse(localStorage.getItem('fluentui-blazor:theme-settings') ?? '{}').mode);
  } catch {
    apply();
  }
  document.addEventListener('DOMContentLoaded', () =>
    document.body.addEventListener('themeChanged', e => apply(e.detail.isDark ? 'dark' : 'light')));
})();
