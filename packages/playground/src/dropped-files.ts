/** Files that are dropped anywhere on a page are for it; else the browser would leave the page to show them. */

/** @param over says that files can be let go (data-over) @param take all that were dropped */
export function takeDropped(over: HTMLElement, take: (files: File[]) => void): void {
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    over.dataset.over = "";
  });
  document.addEventListener("dragleave", (event) => {
    // what goes on to another part of the page has not left it
    if (event.relatedTarget === null) delete over.dataset.over;
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    delete over.dataset.over;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) take(files);
  });
}
