/**
 * The name under which the site has a packaged recording: its own, without the sharps that would end an address.
 * @param source npm:package/path/in/it
 */
export function recordingFile(source: string): string {
  return (source.split("/").at(-1) as string).replaceAll("#", "s");
}
