/** The button that switches between light and dark; what is drawn on canvases is told by an event on the document. */
for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.addEventListener("click", () => {
    const { dataset } = document.documentElement;
    dataset.theme = dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("starlight-theme", dataset.theme);
    } catch {
      // a browser that keeps nothing: the choice holds for this page
    }
  });
}
