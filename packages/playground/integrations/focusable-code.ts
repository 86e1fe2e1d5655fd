/**
 * Lets the keyboard reach (and so scroll) code wider than the screen from the first moment. Expressive Code measures in
 * the browser which blocks are wide and marks those, but only when the page is idle, which on a busy machine takes
 * seconds; blocks are born with its mark here, and it takes the mark from those that turn out to fit.
 */
import type { StarlightExpressiveCodeOptions } from "@astrojs/starlight/expressive-code";

type Plugin = Extract<NonNullable<StarlightExpressiveCodeOptions["plugins"]>[number], { name: string }>;

/** A plugin of Expressive Code that gives every block of code a place in the order of the Tab key. */
export function focusableCode(): Plugin {
  return {
    name: "focusable from the start",
    hooks: {
      postprocessRenderedBlock: ({ renderData: { blockAst } }) => {
        const pre = blockAst.children.find((child) => child.type === "element" && child.tagName === "pre");
        if (pre?.type !== "element") throw new Error("expected a <pre> in each block of code, got none");
        pre.properties.tabIndex = 0;
        pre.properties.role = "region";
      },
    },
  };
}
