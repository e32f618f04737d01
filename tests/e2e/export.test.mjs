// What can be taken away: the model as a file, scripts for other libraries, figures as tables and pictures.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { exportScripts, folder, models } from "../../scripts/export-scripts.mjs";
import { root } from "../../scripts/steps.mjs";
import { isAccessible, openSite, press, ready, SMALL, shows, textOf, train, translate } from "./page.mjs";

/** A translator that is done after a moment. */
const SHORT = SMALL.replace("epochs=10000", "epochs=4");
const DONE = "All 4 epochs are done.";

describe("scripts for other libraries", () => {
  it("are the committed ones, which check-export runs", async () => {
    const scripts = await exportScripts();
    assert.equal(scripts.size, 2 * models().length);
    assert.ok(models().length >= 15);
    for (const [name, text] of scripts) assert.equal(readFileSync(join(folder, name), "utf8"), text, name);
    for (const name of models()) assert.ok(existsSync(join(folder, `${name}.json`)), name);
  });
});

describe("export", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it("says why there is nothing to take away yet", () =>
    site.visit("device=cpu&task=parity&bits=8&strings=200", async (page) => {
      await ready(page);
      await shows(page, "take-state", "There is no network yet: press Train first.");
      const card = page.getByTestId("take-card");
      for (const name of ["Download the model", "Open in PyTorch", "Open in Keras", "Metrics (CSV)", "Curves (SVG)"]) {
        const button = card.getByRole("button", { name });
        assert.ok(await button.isDisabled(), name);
        assert.match((await button.getAttribute("title")) ?? "", /no network yet/);
      }
      assert.equal(await page.getByRole("button", { name: "Save the loss curves as PNG" }).count(), 0);
    }));

  it("gives the model with weights only, or with all that training needs, and opens it again", () =>
    site.visit(SHORT, async (page) => {
      await ready(page);
      await train(page);
      await shows(page, "story", DONE);
      await page.getByLabel("Name of the model").fill('Tiny "translator" <1>');
      assert.match(await page.getByLabel("Licence of its data").inputValue(), /Phrase book of Unrolled/);
      const small = await save(page, "Download the model");
      assert.equal(small.name, "unrolled-translator.safetensors");
      const weights = readModel(small.bytes);
      assert.equal(weights.version, 2);
      assert.equal(weights.title, 'Tiny "translator" <1>');
      assert.match(weights.licence, /MIT or Apache-2\.0/);
      assert.ok(
        weights.tensors.every((name) => name.startsWith("model.")),
        "weights and nothing else",
      );
      assert.ok(!weights.json.includes('"output"'), "no samples, which quote the data");
      assert.ok(
        weights.history.some(({ type }) => type === "progress"),
        "but the curves",
      );

      await page.getByLabel(/With training state/).check();
      const whole = await save(page, "Download the model");
      const { tensors, history } = readModel(whole.bytes);
      for (const prefix of ["model.", "best.", "optimizer.0."]) {
        assert.ok(
          tensors.some((name) => name.startsWith(prefix)),
          prefix,
        );
      }
      assert.ok(
        history.some((/** @type {any} */ event) => event.samples?.length > 0),
        "with its samples",
      );
      assert.ok(whole.bytes.length > 3 * small.bytes.length);

      // Its data gone, it is a model to be used.
      const said = await translate(page, "I am very well.");
      await paste(page, "Hello.\tHola.\nThank you.\tGracias.\nGoodbye.\tAdiós.");
      await press(page, "Start new");
      await shows(page, "data-facts", "3 of 3");
      await page
        .getByLabel("Files with sentence pairs")
        .setInputFiles([{ name: "mine.safetensors", mimeType: "", buffer: small.bytes }]);
      await shows(page, "story", '“Tiny "translator" <1>” is open');
      assert.equal(await translate(page, "I am very well."), said);
      assert.equal(await page.getByLabel("Name of the model").inputValue(), 'Tiny "translator" <1>');
      assert.match(await page.getByLabel("Licence of its data").inputValue(), /Phrase book of Unrolled/);
      assert.ok(await page.getByLabel(/With training state/).isDisabled(), "it came without");
      assert.deepEqual(readModel((await save(page, "Download the model")).bytes).weights, weights.weights);
    }));

  it("writes the very scripts that are compared with the libraries", () =>
    site.visit(SHORT, async (page) => {
      await ready(page);
      await page
        .getByLabel("Files with sentence pairs")
        .setInputFiles(join(folder, "translator-lstm-general.safetensors"));
      await shows(page, "story", "A trained network is open");
      const committed = (/** @type {string} */ library) =>
        readFileSync(join(folder, `translator-lstm-general-${library}.py`), "utf8").replaceAll(
          "translator-lstm-general",
          "unrolled-translator",
        );
      const torch = await save(page, "Open in PyTorch");
      assert.equal(torch.name, "unrolled-translator-pytorch.py");
      assert.equal(torch.bytes.toString("utf8"), committed("pytorch"));
      await shows(
        page,
        "script-saved",
        "unrolled-translator-pytorch.py is saved. It reads unrolled-translator.safetensors",
      );
      const keras = await save(page, "Open in Keras");
      assert.equal(keras.bytes.toString("utf8"), committed("keras"));
      const beside = await save(page, "save that beside it");
      assert.equal(beside.name, "unrolled-translator.safetensors");
      const original = readFileSync(join(folder, "translator-lstm-general.safetensors"));
      assert.deepEqual(readModel(beside.bytes).weights, readModel(original).weights);
    }));

  it("gives the metrics as a table and the samples as text", () =>
    site.visit(SHORT, async (page) => {
      await ready(page);
      await train(page);
      await shows(page, "story", DONE);
      const { name, bytes } = await save(page, "Metrics (CSV)");
      assert.equal(name, "unrolled-translator-metrics.csv");
      const lines = bytes.toString("utf8").split("\r\n");
      assert.equal(lines.pop(), "", "every line ends in CR LF");
      assert.equal(lines.shift(), "step,epoch,part,loss,accuracy,score,learning_rate");
      const rows = lines.map((line) => line.split(","));
      assert.ok(rows.every((row) => row.length === 7));
      const of = (/** @type {string} */ part) => rows.filter((row) => row[2] === part);
      assert.deepEqual(
        of("validation").map(([, epoch]) => epoch),
        ["1", "2", "3", "4"],
      );
      assert.equal(of("training_epoch").length, 4);
      assert.equal(of("test").length, 1);
      const steps = of("training").map(([step]) => Number(step));
      assert.ok(steps.length >= 4 && steps.every((step, i) => i === 0 || step > (steps[i - 1] ?? 0)), String(steps));
      assert.ok(of("training").every((row) => row[6] === "0.004" && row[5] === ""));
      const last = of("validation")[3];
      assert.equal(Number(last?.[3]).toFixed(3), await textOf(page, "number-validation"));
      assert.notEqual(last?.[5], "", "the task's score");

      const samples = await save(page, "Samples (text)");
      const text = samples.bytes.toString("utf8");
      assert.equal(text.match(/^After epoch \d, step \d+, BLEU /gm)?.length, 4);
      const [input, output] = await page
        .getByTestId("samples")
        .locator("tbody tr")
        .first()
        .locator("td")
        .allInnerTexts();
      assert.ok(text.includes(`  ${input}\n  → ${output}\n  = `), text.slice(-400));
    }));

  it("draws the curves so that they stand alone, in pixels and as a drawing", () =>
    site.visit(SHORT, async (page) => {
      await ready(page);
      await train(page);
      await shows(page, "story", DONE);
      const svg = await save(page, "Curves (SVG)");
      const text = svg.bytes.toString("utf8");
      const words = await wordsOf(page, text);
      for (const word of ["Loss", "Accuracy", "training", "validation", "epochs", "100 %"]) {
        assert.ok(words.includes(word), `${word} of ${words}`);
      }
      assert.ok(!text.includes("var("), "colours of its own");
      const png = await save(page, "Curves (PNG)");
      const { width, height, colours } = await pixels(page, png.bytes);
      const [, w, h] = /<svg [^>]*width="(\d+)" height="(\d+)"/.exec(text) ?? [];
      assert.deepEqual([width, height], [2 * Number(w), 2 * Number(h)]);
      for (const colour of ["#ffffff", "#0c8c82", "#d9731a"]) assert.ok((colours[colour] ?? 0) > 200, colour);

      // At the figure itself.
      assert.equal((await save(page, "Save the loss curves as SVG")).name, "loss.svg");
      const accuracy = await save(page, "Save the accuracy curves as PNG");
      assert.ok(((await pixels(page, accuracy.bytes)).colours["#0c8c82"] ?? 0) > 200);
    }));

  it("draws attention with words of any script, markup among them", () =>
    site.visit(SMALL.replace("epochs=10000", "epochs=1"), async (page) => {
      await ready(page);
      const long = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenbescheid";
      const lines = Array.from({ length: 30 }, (_, i) => `<b> & שלום ${long} ${i}\tمرحبا <i> ${i}`);
      await paste(page, lines.join("\n"));
      await shows(page, "data-facts", "30 of 30");
      await train(page);
      await shows(page, "story", "All 1 epochs are done.");
      await translate(page, `<b> & שלום ${long}`);
      const { bytes } = await save(page, "Save the attention weights as SVG");
      const words = await wordsOf(page, bytes.toString("utf8"));
      for (const word of ["<", "b", ">", "&", "שלום"]) assert.ok(words.includes(word), `${word} of ${words}`);
      const cut = words.find((word) => word.startsWith("Donau"));
      assert.ok(cut?.endsWith("…"), "a long name is cut");
      const inside = await page.evaluate((svg) => {
        document.body.insertAdjacentHTML("beforeend", `<div id="drawn" style="position:fixed;inset:0">${svg}</div>`);
        const drawn = document.querySelector("#drawn svg");
        const frame = drawn?.getBoundingClientRect();
        const texts = [...(drawn?.querySelectorAll("text") ?? [])].map((text) => text.getBoundingClientRect());
        document.querySelector("#drawn")?.remove();
        return (
          frame &&
          texts.every(
            (box) =>
              box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom,
          )
        );
      }, bytes.toString("utf8"));
      assert.ok(inside, "all names are on the drawing");
      const { colours } = await pixels(page, (await save(page, "Save the attention weights as PNG")).bytes);
      assert.ok(Object.keys(colours).length > 20, "shades of the weights");
    }));

  it("explains the file, and fits a phone and a keyboard", () =>
    site.visit("device=cpu&task=parity&bits=8&strings=200&epochs=2", async (page) => {
      await page.setViewportSize({ width: 360, height: 740 });
      await ready(page);
      await train(page);
      await shows(page, "story", "All 2 epochs are done.");
      await isAccessible(page, "the card with a network");
      const hidden = await save(page, "Save the hidden states as SVG");
      assert.ok((await wordsOf(page, hidden.bytes.toString("utf8"))).includes("Hidden state along 7 bits"));
      await press(page, "What is in the file?");
      await shows(page, "tensors", "model.recurrent.layers.0.recurrent");
      assert.match(await textOf(page, "tensors"), /model\.recurrent\.layers\.0\.bias\s+2 × 72/);
      await isAccessible(page, "the list of tensors");
      const description = await save(page, "Save the whole description");
      assert.equal(description.bytes.toString("utf8"), readFileSync(join(root, "docs/model-file.md"), "utf8"));
      const width = await page.evaluate("document.documentElement.scrollWidth");
      assert.equal(width, 360, `the page is ${width} pixels wide`);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }));

  it("draws confusion, verdicts and the picture of words", () =>
    site.visit("device=cpu&task=classification&hidden=8&embedding=8&epochs=1", async (page) => {
      await ready(page);
      await train(page);
      await shows(page, "story", "All 1 epochs are done.");
      await page.getByTestId("confusion").waitFor();
      const counts = await page.getByTestId("confusion").locator("td.number").allInnerTexts();
      const confusion = await wordsOf(
        page,
        (await save(page, "Save the confusion matrix as SVG")).bytes.toString("utf8"),
      );
      for (const word of [...counts, "negative", "positive"]) assert.ok(confusion.includes(word), word);
      const verdict = await save(page, "Save the curves of the verdict as PNG");
      assert.ok(((await pixels(page, verdict.bytes)).colours["#d9731a"] ?? 0) > 200);
      await press(page, "Look at its word vectors");
      const near = await page.getByTestId("nearest").locator("button").first().innerText();
      const map = await save(page, "Save the picture of the words as SVG");
      const words = await wordsOf(page, map.bytes.toString("utf8"));
      assert.ok(words.length > 30, `${words.length} words`);
      assert.ok(near.length > 0);
    }));
});

/**
 * Presses a button, and takes what it saves.
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
async function save(page, name) {
  const [file] = await Promise.all([page.waitForEvent("download"), press(page, name)]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

/**
 * Gives the page sentence pairs of one's own.
 * @param {import("playwright-core").Page} page
 * @param {string} pairs
 */
async function paste(page, pairs) {
  await press(page, "Paste …");
  await page.getByRole("textbox", { name: "Sentence pairs" }).fill(pairs);
  await press(page, "Use this text");
}

/**
 * A model file: the names of its tensors, its weights as they are stored, and what it says of itself.
 * @param {Buffer} bytes
 */
function readModel(bytes) {
  const length = Number(bytes.readBigUInt64LE());
  const { __metadata__, ...tensors } = JSON.parse(bytes.subarray(8, 8 + length).toString("utf8"));
  const json = __metadata__.unrolled;
  const { version, title, licence, progress } = JSON.parse(json);
  const names = Object.keys(tensors).sort();
  const weights = names.map((name) => {
    const [from, to] = tensors[name].data_offsets;
    return [name, bytes.subarray(8 + length + from, 8 + length + to).toString("base64")];
  });
  return { tensors: names, weights, json, version, title, licence, history: /** @type {any[]} */ (progress.history) };
}

/**
 * The distinct texts of a drawing, which must be whole XML.
 * @param {import("playwright-core").Page} page
 * @param {string} svg
 */
function wordsOf(page, svg) {
  return page.evaluate((svg) => {
    const document = new DOMParser().parseFromString(svg, "image/svg+xml");
    if (document.querySelector("parsererror")) throw new Error("this is no XML");
    return [...new Set([...document.querySelectorAll("text")].map((text) => text.textContent ?? ""))];
  }, svg);
}

/**
 * The size of a picture, and how many pixels have each colour.
 * @param {import("playwright-core").Page} page
 * @param {Buffer} png
 */
function pixels(page, png) {
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    context?.drawImage(image, 0, 0);
    const data = context?.getImageData(0, 0, image.width, image.height).data ?? new Uint8ClampedArray();
    /** @type {Record<string, number>} */
    const colours = {};
    for (let i = 0; i < data.length; i += 4) {
      const colour = `#${[0, 1, 2].map((part) => (data[i + part] ?? 0).toString(16).padStart(2, "0")).join("")}`;
      colours[colour] = (colours[colour] ?? 0) + 1;
    }
    return { width: image.width, height: image.height, colours };
  }, png.toString("base64"));
}
