import { UserError } from "@neural-string/shared";
import { expect, test } from "vitest";

test("a UserError is one line, whatever the file's name or text it quotes", () => {
  const error = new UserError("a\nb\r\n\u2028c\u0007.wav: not found", { cause: 1 });
  expect(error.message).toBe("a b c .wav: not found");
  expect(error.name).toBe("UserError");
  expect(error.cause).toBe(1);
});
