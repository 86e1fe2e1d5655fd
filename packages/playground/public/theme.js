// Runs before anything is drawn: light or dark as the reader chose (Starlight keeps the choice under the same name), else
// as the system says. A file of its own, because no inline script runs here.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("starlight-theme");
    } catch {
      // a browser that keeps nothing refuses the question
      return null;
    }
  };
  const apply = () => {
    document.documentElement.dataset.theme = chosen() || (dark.matches ? "dark" : "light");
  };
  dark.addEventListener("change", apply);
  apply();
})();
