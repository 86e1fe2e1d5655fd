/** Addresses within the site, wherever it is served from. */

/** The site's root, with a slash at its end. */
const ROOT = import.meta.env.BASE_URL.replace(/\/?$/, "/");

/** The address of a page or file. @param path relative to the root, without a slash at its start */
export function at(path: string): string {
  return `${ROOT}${path}`;
}
