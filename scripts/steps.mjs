// Running the steps of a command: each is named, timed, and stops the command with a sentence when it fails.
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** A failure that the user can do something about: printed as its sentence, without a stack trace. */
export class Failure extends Error {}

/**
 * Says what begins, does it, and says how long it took.
 * @template T
 * @param {string} title
 * @param {() => T | Promise<T>} work
 */
export async function step(title, work) {
  const start = performance.now();
  console.log(`▸ ${title}`);
  const result = await work();
  console.log(`  ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/**
 * Does all the steps, those after a failed one too.
 * @param {[title: string, work: () => Promise<void>][]} list
 * @throws {Failure} that names those that failed
 */
export async function steps(list) {
  const failed = [];
  for (const [title, work] of list) {
    try {
      await step(title, work);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      console.error(`  ${error.message}`);
      failed.push(title);
    }
  }
  if (failed.length > 0) throw new Failure(`Failed: ${failed.join("; ")}.`);
}

/**
 * Runs a program in the project's folder; what it prints passes through.
 * @param {string} program
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} [options] `timeout` in milliseconds
 * @returns {Promise<void>}
 * @throws {Failure} when it cannot be started, ends with an error, or runs out of time
 */
export function run(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: "inherit", killSignal: "SIGKILL", ...options });
    child.on("error", (error) => reject(new Failure(`${program} could not be started: ${error.message}`)));
    child.on("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Failure(`${program} ${args[0] ?? ""} ended with ${signal ?? `exit code ${code}`}.`));
    });
  });
}

/**
 * What a program prints, or undefined where it is missing or fails.
 * @param {string} program
 * @param {string[]} args
 * @returns {string | undefined}
 */
export function output(program, args) {
  const { status, stdout } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * Runs a whole command: its failures become a sentence and exit code 1.
 * @param {() => Promise<void>} work
 */
export async function command(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`\n✖ ${error.message}`);
    process.exitCode = 1;
  }
}
