// npm run train-demos [-- only=TASK]: trains the networks that come with the page, or one of them, and writes them into
// www/demos/.
import { cargo, native } from "./cargo.mjs";
import { assets } from "./data.mjs";
import { npmPackages } from "./install.mjs";
import { command, step } from "./steps.mjs";

await command(async () => {
  await npmPackages();
  const data = assets.map(({ asset, file }) => `${asset}=${file}`);
  await step("Training the demos (some minutes)", () =>
    cargo(
      native,
      "run",
      "-p",
      "unrolled",
      "--release",
      "--example",
      "demos",
      "--",
      "www/demos",
      ...data,
      ...process.argv.slice(2),
    ),
  );
});
