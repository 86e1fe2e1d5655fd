/**
 * How every command ends, whoever started it: bad input is one sentence on standard error and exit code 2, a defect of
 * ours its stack and exit code 1.
 */
import { UserError } from "@neural-string/shared";
import { line, shown } from "./terminal.ts";

/**
 * Run a command to its end; the process exits with what it returns once nothing keeps it.
 * @param main returns the exit code
 */
export async function runMain(main: () => number | Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (error instanceof UserError) {
      process.stderr.write(`${line(error.message.replaceAll("\n", " "))}\n`);
      process.exitCode = 2;
    } else {
      process.stderr.write(`${shown((error instanceof Error && error.stack) || String(error))}\n`);
      process.exitCode = 1;
    }
  }
}
