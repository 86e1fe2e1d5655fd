/** Names of files that a person saves, made of what they called a thing. */

/** A name that every file system takes. @param fallback where nothing is left of it */
export function fileName(name: string, fallback: string): string {
  return (
    name
      .replace(/\.[^.]{1,5}$/, "")
      .replaceAll(/[^\p{L}\p{N}._-]+/gu, "-")
      .replaceAll(/^[-.]+|[-.]+$/g, "")
      .slice(0, 60) || fallback
  );
}
