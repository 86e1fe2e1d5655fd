/** What pages say of the picture beside links to them: public/share.png, drawn by make-share-picture.ts. */

/**
 * Meta properties and what they hold.
 * @param base the site's root on its host
 * @param site the host's address; undefined = not known, and those who show pictures must find it out
 */
export function sharePicture(base: string, site: string | undefined): Record<string, string> {
  const path = `${base.replace(/\/?$/, "/")}share.png`;
  return {
    "og:image": site === undefined ? path : new URL(path, site).href,
    "og:image:width": "1200",
    "og:image:height": "630",
    "og:image:alt": "Three strings that swing, and: A recording goes in. A string comes out.",
  };
}
