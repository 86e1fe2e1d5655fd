/** Hands a file to the person: a download that no server takes part in. */

/** @param type of the content, for browsers that name files by it */
export function saveFile(name: string, bytes: Uint8Array, type: string): void {
  const url = URL.createObjectURL(new Blob([bytes as BlobPart], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // browsers read it after the click; none takes a minute to begin
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
