/**
 * The one error a person causes and can mend: a missing file, a bad value, audio that is not audio.
 * Commands print its message as a single line and exit with code 2; any other error is a defect of ours.
 */
export class UserError extends Error {
  override name = "UserError";

  /** @param sentence line breaks and control characters in it (of a file's name, say) become spaces */
  constructor(sentence: string, options?: ErrorOptions) {
    super(sentence.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " "), options);
  }
}
