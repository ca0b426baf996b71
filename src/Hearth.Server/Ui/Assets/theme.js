// Before anything is drawn: the colours that were chosen.
(() => {
  let theme = 'auto';
  try {
    theme = localStorage.getItem('hearth-theme') ?? 'auto';
  } catch {
    // A browser that keeps nothing.
  }
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  }
})();
