/**
 * TensorFlow's C library and its headers out of Python's wheel: pip fetches it (and keeps it in its own cache), Python
 * unpacks what is wanted. Python's own TensorFlow stays as it is: nothing is installed into it.
 */
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "@neural-string/shared";
import type { Installation } from "./installation.ts";
import { reasonIn, type Work } from "./work.ts";

/** The C interface keeps its promises from version to version; this one was tried. */
const VERSION = "2.18.1";

/** Wheels by what Node calls the machine. The Python they are for does not matter: no Python runs in them. */
const WHEELS: Partial<Record<string, { name: string; platform: string }>> = {
  "linux x64": { name: "tensorflow-cpu", platform: "manylinux2014_x86_64" },
  "linux arm64": { name: "tensorflow", platform: "manylinux2014_aarch64" },
};

/** The two libraries, by the names that they look for each other by. */
export const LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"] as const;

// One argument each: the wheel, the folder for libraries, the folder for headers. Members keep no path in `lib`.
const UNPACK = `
import os, re, shutil, sys, zipfile
wheel, libraries, headers = sys.argv[1:]
wanted = re.compile(r"tensorflow/include/((tensorflow/(c|core/platform)|tsl|xla)/.*[.]h)$")
with zipfile.ZipFile(wheel) as archive:
    for member in archive.namelist():
        match = wanted.match(member)
        if match:
            target = os.path.join(headers, match.group(1))
        elif re.match(r"tensorflow/libtensorflow_(cc|framework)[.]so[.]2$", member):
            target = os.path.join(libraries, os.path.basename(member))
        else:
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(member) as source, open(target, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
`;

/**
 * Fetch the wheel and put libraries and headers where the addon is built and run.
 * @throws UserError where this machine has no wheel, no Python with pip, or no way to the wheel
 */
export async function unpackLibrary({ libraries, headers }: Installation, work: Work): Promise<void> {
  const machine = `${process.platform} ${process.arch}`;
  const wheel = WHEELS[machine];
  if (wheel === undefined) {
    throw new UserError(
      `tfjs-node: expected one of ${Object.keys(WHEELS).join(", ")} to build it on, got ${machine}; use the wasm backend`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "neural-string-tensorflow-"));
  try {
    work.say(`fetching ${wheel.name} ${VERSION} with pip (some 250 MB, kept in pip's cache) ...`);
    const fetched = await work.run("python3", [
      ...["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder],
      ...["--implementation", "cp", "--python-version", "3.11", "--platform", wheel.platform],
      `${wheel.name}==${VERSION}`,
    ]);
    const [file] = readdirSync(folder).filter((name) => name.endsWith(".whl"));
    if (fetched.status !== 0 || file === undefined) {
      throw new UserError(
        `tfjs-node: pip could not fetch ${wheel.name} ${VERSION} (${reasonIn(fetched.output)}); install python3 with pip, see that it reaches its index, and try again`,
      );
    }
    work.say("unpacking its libraries and headers ...");
    const unpacked = await work.run("python3", ["-c", UNPACK, join(folder, file), libraries, headers]);
    if (unpacked.status !== 0) {
      throw new UserError(
        `tfjs-node: ${file} could not be unpacked (${reasonIn(unpacked.output)}); make room and try again`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // for a build by node-gyp, should someone want one: names without a number
  for (const library of LIBRARIES) {
    const plain = join(libraries, library.replace(/\.2$/, ""));
    rmSync(plain, { force: true });
    symlinkSync(library, plain);
  }
}
