/** The environment that commands of the documentation are run in: a person's, without what the test runner adds to it. */
import { delimiter, dirname } from "node:path";

/** Vite, Astro and Vitest would each take some of these for their own. */
const RUNNERS = /^(VITEST.*|TEST|NODE_ENV|BASE_URL|MODE|DEV|PROD|SSR)$/;

/** With this Node first on the path, whatever Node the machine has. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !RUNNERS.test(name));
  return {
    ...Object.fromEntries(own),
    PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
    NO_COLOR: "1",
  };
}
