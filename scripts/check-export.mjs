// npm run check-export [-- --write]: the scripts that the page makes for PyTorch and Keras, run against the models in
// tests/export. Both libraries are installed into a Python environment of their own, beside the build output.
// `--write` takes the scripts as they are made now for the committed ones.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { native } from "./cargo.mjs";
import { exportScripts, folder } from "./export-scripts.mjs";
import { npmPackages } from "./install.mjs";
import { command, Failure, output, root, run, step, steps } from "./steps.mjs";

/** The oldest Python 3 that the libraries run on. */
const oldest = 10;
const environment = join(native.folder, "../python");
const inside = (/** @type {string} */ program) =>
  process.platform === "win32" ? join(environment, "Scripts", `${program}.exe`) : join(environment, "bin", program);

/** PyTorch built for the CPU alone is a tenth the size; where its server cannot be reached, the usual one will do. */
const packages = [
  "--extra-index-url",
  "https://download.pytorch.org/whl/cpu",
  "torch",
  "keras",
  "safetensors",
  "numpy",
];

/** @returns {string} the name of a Python that is new enough */
function python() {
  for (const name of ["python3", "python"]) {
    if (Number(output(name, ["-c", "import sys; print(sys.version_info[1])"]) ?? 0) >= oldest) return name;
  }
  throw new Failure(`Python 3.${oldest} or newer is missing. Install it from https://python.org, and run this again.`);
}

async function install() {
  if (!existsSync(inside("python"))) {
    try {
      await run(python(), ["-m", "venv", environment]);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new Failure(`${error.message} On Debian, 'apt-get install python3-venv' as root adds what it needs.`);
    }
  }
  if (output(inside("python"), ["-c", "import torch, keras, safetensors"]) !== undefined) return;
  try {
    await run(inside("python"), ["-m", "pip", "install", "--quiet", ...packages]);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure("PyTorch, Keras and safetensors could not be installed with pip; what it says stands above.");
  }
}

/** @param {boolean} write whether to write the scripts instead of comparing them */
async function compareScripts(write) {
  const changed = [];
  for (const [name, text] of await exportScripts()) {
    const file = join(folder, name);
    if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
    if (write) writeFileSync(file, text);
    else changed.push(name);
  }
  if (changed.length > 0) {
    throw new Failure(
      `Other scripts than those in tests/export: ${changed.join(", ")}. 'npm run check-export -- --write' takes them.`,
    );
  }
}

await command(async () => {
  await npmPackages();
  await step("The scripts as the page makes them", () => compareScripts(process.argv.includes("--write")));
  await step("PyTorch and Keras", install);
  const check = (/** @type {string} */ framework) =>
    run(inside("python"), [join(root, "scripts/check-export.py"), folder, framework], {
      // Keras runs on PyTorch, which is there.
      env: { ...process.env, KERAS_BACKEND: "torch" },
    });
  await steps(["PyTorch", "Keras"].map((name) => [`In ${name}`, () => check(name.toLowerCase())]));
});
