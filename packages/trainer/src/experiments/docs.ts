/** The table's place in the docs: what stands between two markers of a page is replaced, all else is written by hand. */
import { UserError } from "@neural-string/shared";

/**
 * Replace what stands between `<!-- NAME -->` and `<!-- /NAME -->`.
 * @throws UserError where the page lacks them
 */
export function fillMarked(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from)
    throw new UserError(`${name}: the page lacks its two markers (${begin}, ${end}); add them`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}
