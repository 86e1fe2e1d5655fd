/**
 * Docs by keyboard: tables and formulas that are wider than the screen can be scrolled by keys, so they can be focused;
 * blocks of code, which Starlight makes regions, get names that tell them apart.
 */
function prepare(): void {
  for (const wide of document.querySelectorAll<HTMLElement>(
    ".sl-markdown-content :is(table, math.tml-display)",
  )) {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
    else wide.removeAttribute("tabindex");
  }
  for (const [i, block] of document.querySelectorAll('.sl-markdown-content pre[role="region"]').entries()) {
    block.setAttribute("aria-label", `Code ${i + 1}`);
  }
}

prepare();
addEventListener("load", () => requestAnimationFrame(prepare));
addEventListener("resize", prepare);
// formulas grow when their fonts arrive
document.fonts.addEventListener("loadingdone", prepare);
// blocks become regions when their script finds them too wide
new MutationObserver(prepare).observe(document.body, { subtree: true, attributeFilter: ["role"] });
