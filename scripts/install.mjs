// Getting what is missing: npm packages and, where Debian's apt is at hand, system packages.
import { statSync } from "node:fs";
import { join } from "node:path";
import { Failure, output, root, run, step } from "./steps.mjs";

/** Runs `npm ci` unless node_modules is there and no older than package-lock.json. */
export async function npmPackages() {
  const installed = statSync(join(root, "node_modules/.package-lock.json"), { throwIfNoEntry: false });
  if (installed && installed.mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs) return;
  // npm is a script on Windows, and those start through the shell only.
  await step("Installing npm packages", () => run("npm", ["ci"], { shell: process.platform === "win32" }));
}

/**
 * Installs Debian packages, where there is apt and the right to use it.
 * @param {string[]} packages
 * @returns {Promise<boolean>} whether they are installed now
 */
export async function debianPackages(packages) {
  const isRoot = process.getuid?.() === 0;
  if (output("apt-get", ["--version"]) === undefined) return false;
  if (!isRoot && output("sudo", ["-n", "true"]) === undefined) return false;
  const [program, ...first] = isRoot ? ["env"] : ["sudo", "-n", "env"];
  const apt = (/** @type {string[]} */ ...args) =>
    run(program, [...first, "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", ...args]);
  try {
    await step(`Installing ${packages.join(", ")} with apt-get`, async () => {
      await apt("update");
      await apt("install", "-y", "--no-install-recommends", ...packages);
    });
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.log(`  ${error.message}`);
    return false;
  }
}
