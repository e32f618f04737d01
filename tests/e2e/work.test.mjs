// Nothing is lost: work is kept in the browser, listed, and gone on with, whatever happens to the tab.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isAccessible, openSite, press, reaches, ready, SMALL, set, shows, stepOf, textOf, train } from "./page.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** A translator of 80 steps an epoch that is done after some seconds. */
const SHORT = "device=cpu&pairs=400&hidden=16&embedding=16&batch=4&dropout=0.1&patience=0&epochs=12";

describe("kept work", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  /** Every test begins with nothing. */
  const clear = () =>
    site.visit("", async (page) => {
      await page.evaluate(
        () =>
          new Promise((resolve, reject) => {
            const deleting = indexedDB.deleteDatabase("unrolled");
            deleting.onsuccess = () => resolve(null);
            deleting.onerror = () => reject(deleting.error);
          }),
      );
    });

  it("goes on after reloads in the middle of an epoch, to the very same losses and weights", async () => {
    /** @type {any} */
    let unbroken;
    await clear();
    await site.visit(SHORT, async (page) => {
      await ready(page);
      await train(page);
      await shows(page, "story", "All 12 epochs are done.");
      unbroken = await outcome(page);
    });
    assert.equal(unbroken.epochs.length, 12);

    await site.visit(SHORT, async (page) => {
      await press(page, "Not now");
      await ready(page);
      await train(page);
      await reaches(page, 30);
      await press(page, "Pause");
      let step = await savedStep(page);
      if (step % 80 === 0) {
        await press(page, "Step");
        await reaches(page, step + 1);
        step = await savedStep(page);
      }

      await page.reload();
      await shows(page, "offer", `step ${step.toLocaleString("en")}`);
      await press(page, "Continue where you were");
      await shows(page, "story", `Paused at step ${step.toLocaleString("en")}`);
      await page.getByTestId("offer").waitFor({ state: "detached" });
      await press(page, "Resume");
      await reaches(page, step + 100);

      // In the middle of it all.
      await page.reload();
      await shows(page, "offer", "in training");
      await press(page, "Continue where you were");
      await shows(page, "story", "All 12 epochs are done.");
      const broken = await outcome(page);
      assert.deepEqual(broken.epochs, unbroken.epochs, "losses and samples of every epoch");
      assert.deepEqual(broken.weights, unbroken.weights, "all weights, bit for bit");
      assert.equal((await keptRuns(page)).length, 2, "it is still the same run");
    });
  });

  it("comes back after a closed tab and after a crash, with its own data and settings", async () => {
    await clear();
    const lines = Array.from({ length: 40 }, (_, i) => `${i}\t${"abcdefghij"[i % 10]}`).join("\n");
    await site.visit(SMALL, async (page) => {
      await ready(page);
      await page.getByTestId("file-input").setInputFiles({ name: "own.tsv", mimeType: "", buffer: Buffer.from(lines) });
      await shows(page, "data-name", "own.tsv");
      await set(page, "cell", "gru");
      await train(page);
      await reaches(page, 20);
      await savedStep(page);
      // Another tab may clear it as nobody's.
      await emptyData(page);
      await waitFor(page, async () => (await all(page, "data")).length === 1);
      await set(page, "learning_rate", 0.003);
      await page.waitForTimeout(200);
    });
    await site.visit(
      "",
      async (page) => {
        await shows(page, "offer", "Translator, own.tsv · GRU 16: step");
        await press(page, "Continue where you were");
        await shows(page, "data-name", "own.tsv");
        await shows(page, "encodings", "own.tsv: read as UTF-8");
        await shows(page, "train", "Pause");
        await reaches(page, 40);
        assert.equal(await page.locator("#setting-learning_rate").inputValue(), "0.003");
        assert.equal(await page.locator("#setting-cell").inputValue(), "gru");
        assert.equal(await page.locator("#device").inputValue(), "cpu");
        assert.equal(await page.getByTestId("question").count(), 0);
        const crashed = page.waitForEvent("crash");
        page.goto("chrome://crash").catch(() => {});
        await crashed;
      },
      { expected: /the tab crashed|failed: / },
    );
    await site.visit("", async (page) => {
      await press(page, "Continue where you were");
      await shows(page, "data-name", "own.tsv");
      await reaches(page, 40);
      assert.equal((await keptRuns(page)).length, 1);
    });
  });

  it("is offered beside a link with other settings, which wins", async () => {
    await clear();
    await site.visit(SMALL, async (page) => {
      await ready(page);
      await train(page);
      await press(page, "Pause");
      await savedStep(page);
      // As if it had come from a file with a title.
      await change(page, (run) => [{ ...run, from: { title: "From a friend", licence: "CC0", step: 1 } }]);
    });
    await site.visit("device=cpu&task=parity&hidden=20", async (page) => {
      await ready(page);
      await page.getByTestId("parity-card").waitFor();
      assert.equal(await page.locator("#setting-hidden").inputValue(), "20");
      await shows(page, "offer", "Translator");
      await press(page, "Continue where you were");
      await page.getByTestId("translate-card").waitFor();
      await shows(page, "story", "Paused at step");
      assert.equal(await page.locator("#setting-hidden").inputValue(), "16");
      assert.equal(await page.getByTestId("take-card").getByLabel("Name of the model").inputValue(), "From a friend");
      await page.waitForFunction("location.hash.includes('hidden=16') && !location.hash.includes('parity')");
    });
  });

  for (const task of ["parity", "generation", "chat", "classification", "vectors"]) {
    it(`comes back in every task: ${task}`, async () => {
      await clear();
      await site.visit(`device=cpu&task=${task}&hidden=16&embedding=16&patience=0&epochs=1000`, async (page) => {
        await ready(page);
        await train(page);
        await reaches(page, 5);
        await press(page, "Pause");
        const step = await savedStep(page);
        const loss = await textOf(page, "number-loss");
        await page.reload();
        await press(page, "Continue where you were");
        await shows(page, "story", `Paused at step ${step.toLocaleString("en")}`);
        assert.equal(await textOf(page, "number-loss"), loss);
        assert.equal(await page.getByTestId("question").count(), 0);
        await press(page, "Resume");
        await reaches(page, step + 5);
      });
    });
  }

  it("is saved when the page is hidden", async () => {
    await clear();
    // An epoch of 3,401 steps, tens of seconds long: after the first copy nothing else would save it for a while.
    await site.visit("device=cpu&hidden=192&batch=1", async (page) => {
      await ready(page);
      await train(page);
      const first = await savedStep(page);
      await reaches(page, first + 10);
      assert.equal(await savedStep(page), first);
      const hidden = performance.now();
      await page.evaluate(() => {
        Object.defineProperty(document, "hidden", { value: true });
        document.dispatchEvent(new Event("visibilitychange"));
      });
      await waitFor(page, async () => (await savedStep(page)) > first);
      assert.ok(performance.now() - hidden < 10_000, "long before it would be saved anyway");
      assert.ok((await savedStep(page)) < 3_401);
    });
  });

  it("is not asked about when the page is left, unless it cannot be kept", async () => {
    await clear();
    await site.visit(SMALL, async (page) => {
      const dialogs = watchDialogs(page);
      await ready(page);
      await train(page);
      await press(page, "Pause");
      await savedStep(page);
      await page.reload();
      await ready(page);
      assert.deepEqual(dialogs, []);
    });
    await site.visit(
      SMALL,
      async (page) => {
        const dialogs = watchDialogs(page);
        await ready(page);
        await page.getByLabel("Your sentence").click();
        await page.reload();
        assert.deepEqual(dialogs, [], "nothing is trained");
        await ready(page);
        assert.equal(await page.getByTestId("notice").count(), 0);
        await train(page);
        await press(page, "Pause");
        await shows(page, "notice", "Your work cannot be kept");
        await shows(page, "notice", "as in a private window");
        await press(page, "Dismiss: Your work cannot be kept");
        await press(page, "Resume");
        await reaches(page, (await stepOf(page)) + 30);
        await press(page, "Pause");
        await page.waitForTimeout(300);
        assert.equal(await page.getByTestId("notice").count(), 0, "it is said once");
        await press(page, "Your work");
        await shows(page, "work", "as in a private window");
        await press(page, "Close: Your work");
        await page.reload();
        assert.deepEqual(dialogs, ["beforeunload"]);
      },
      {
        before: (page) =>
          page.addInitScript(() => {
            IDBFactory.prototype.open = () => {
              throw new DOMException("It is forbidden here.", "SecurityError");
            };
          }),
      },
    );
  });

  it("says once when the browser has no room left, trains on, and is kept again when there is", async () => {
    await clear();
    await site.visit(SMALL, async (page) => {
      const dialogs = watchDialogs(page);
      await ready(page);
      const browser = await site.context.newCDPSession(page);
      const { origin } = new URL(site.url);
      await browser.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1 });
      await train(page);
      await reaches(page, 20);
      await press(page, "Pause");
      await shows(page, "notice", "The browser has no room left. Delete runs under Your work");
      await press(page, "Dismiss: Your work cannot be kept");
      await press(page, "Resume");
      await reaches(page, (await stepOf(page)) + 20);
      await press(page, "Pause");
      await page.waitForTimeout(300);
      assert.equal(await page.getByTestId("notice").count(), 0, "it is said once");
      assert.deepEqual(await keptRuns(page), []);

      await browser.send("Storage.overrideQuotaForOrigin", { origin });
      await press(page, "Step");
      await savedStep(page);
      await page.reload();
      assert.deepEqual(dialogs, [], "now it is kept");
      await page.getByTestId("offer").waitFor();
    });
  });

  it("that is damaged is named and left out, and the page starts", async () => {
    await clear();
    await site.visit(SMALL, async (page) => {
      await ready(page);
      await train(page);
      await press(page, "Pause");
      await savedStep(page);
      await press(page, "Your work");
      await press(page, /^Rename/);
      await page.getByLabel("Name", { exact: true }).fill("The good one");
      await press(page, "Save");
      await shows(page, "kept-run", "The good one");
      await change(page, (run) => [
        { ...run, id: "bytes", name: "Cut off", named: true, changed: Date.now() + 1 },
        { ...run, id: "none", name: "No checkpoint", named: true },
        { ...run, id: "odd", step: "many" },
        { id: "foreign", hello: [1, 2] },
      ]);
    });
    await site.visit("device=cpu&task=parity&strings=100", async (page) => {
      await shows(page, "notice", "2 kept runs cannot be read");
      await press(page, /^Dismiss/);
      await ready(page);
      await shows(page, "offer", "Cut off");
      await press(page, "Continue where you were");
      await shows(page, "notice", "This is no whole model of Unrolled");
      await press(page, /^Dismiss/);
      await press(page, "Your work");
      await press(page, "Open No checkpoint");
      await shows(page, "notice", "Its checkpoint is damaged or missing.");
      await press(page, "Your work");
      await shows(page, "work", "2 more cannot be read.");
      await press(page, "Delete what cannot be read");
      await page.getByText("2 more cannot be read.").waitFor({ state: "detached" });
      await press(page, "Open The good one");
      await shows(page, "story", "Paused at step");
      await press(page, "Resume");
      await reaches(page, (await stepOf(page)) + 5);
    });
  });

  it("whose data is gone is a network without data, and what is trained on from it is kept, too", async () => {
    await clear();
    /** @param {string} letters */
    const file = (letters) => ({
      name: `${letters}.tsv`,
      mimeType: "",
      buffer: Buffer.from(Array.from({ length: 60 }, (_, i) => `${i}\t${letters[i % letters.length]}`).join("\n")),
    });
    await site.visit(SMALL, async (page) => {
      await ready(page);
      await page.getByTestId("file-input").setInputFiles(file("abcdef"));
      await shows(page, "data-name", "abcdef.tsv");
      await train(page);
      await press(page, "Pause");
      await savedStep(page);
    });
    await site.visit("", async (page) => {
      await emptyData(page);
      await press(page, "Continue where you were");
      await shows(page, "notice", "Opened without its data");
      await shows(page, "train", "Train on");
      await page.getByTestId("file-input").setInputFiles(file("fedcba"));
      await shows(page, "data-name", "fedcba.tsv");
      await press(page, "Train on");
      await reaches(page, 20);
      await press(page, "Pause");
      const step = await savedStep(page);
      assert.equal((await keptRuns(page)).length, 2);

      await page.workers()[0]?.evaluate(() => {
        setTimeout(() => {
          throw new WebAssembly.RuntimeError("unreachable");
        });
      });
      await shows(page, "notice", `The network is back from step ${step}`);
      await page.reload();
      await press(page, "Continue where you were");
      await shows(page, "story", `Paused at step ${step.toLocaleString("en")}`);
      await shows(page, "data-name", "fedcba.tsv");
      await press(page, "Resume");
      await reaches(page, step + 5);
      assert.equal(await page.getByTestId("question").count(), 0);
    });
  });

  it("of a newer page, or of another program under the same name, is left alone", async () => {
    for (const [version, said] of /** @type {const} */ ([
      [99, "A newer version of this page"],
      [1, "as in a private window"],
    ])) {
      await clear();
      // Before the page itself opens it.
      await site.visit(
        SMALL,
        async (page) => {
          await ready(page);
          await train(page);
          await press(page, "Pause");
          await shows(page, "notice", said);
        },
        {
          before: async (page) => {
            await page.route("**/blank", (route) => route.fulfill({ contentType: "text/html", body: "" }));
            await page.goto(`${site.url}blank`);
            await page.evaluate(
              (version) =>
                new Promise((resolve) => {
                  const opening = indexedDB.open("unrolled", version);
                  opening.onupgradeneeded = () => opening.result.createObjectStore("other");
                  opening.onsuccess = () => {
                    opening.result.close();
                    resolve(null);
                  };
                }),
              version,
            );
          },
        },
      );
    }
    await clear();
  });

  it("has one owner: a second tab goes on with a copy, and both lists are right", async () => {
    await clear();
    await site.visit(SMALL, async (first) => {
      await ready(first);
      await train(first);
      await press(first, "Pause");
      const step = await savedStep(first);
      const [{ id, name }] = await keptRuns(first);

      await site.visit("", async (second) => {
        await ready(second);
        assert.equal(await second.getByTestId("offer").count(), 0, "what another tab has open is not offered");
        await press(second, "Your work");
        await shows(second, "kept-run", "open in another tab");
        await press(second, `Open ${name}`);
        await shows(second, "notice", "A copy was opened");
        await shows(second, "story", `Paused at step ${step.toLocaleString("en")}`);
        await press(second, "Resume");
        await reaches(second, step + 20);
        await press(second, "Pause");
        await waitFor(second, async () => (await keptRuns(second)).length === 2);
        const runs = await keptRuns(second);
        assert.equal(runs.find((run) => run.id === id)?.step, step, "the first tab's run is as it was");
        assert.equal(runs.find((run) => run.id !== id)?.name, `${name} (copy)`);

        await press(first, "Your work");
        await waitFor(first, async () => (await first.getByTestId("kept-run").count()) === 2);
        await first.getByRole("button", { name: `Rename ${name}`, exact: true }).click();
        await first.getByLabel("Name", { exact: true }).fill("Ours");
        await press(first, "Save");
        await press(second, "Your work");
        await shows(second, "kept-run", "Ours");
        await press(second, "Delete Ours");
        await press(second, "Yes, delete");
        await second.getByText("Ours", { exact: true }).waitFor({ state: "detached" });
        await first.getByText("Ours", { exact: true }).waitFor({ state: "detached" });
        await press(first, "Close: Your work");
        await press(first, "Step");
        await shows(first, "notice", "This run is not kept any more");
        assert.equal((await keptRuns(first)).length, 1);
      });
    });
  });

  it("is not overwritten by a second tab where the browser has no locks, either", async () => {
    await clear();
    const before = (/** @type {Page} */ page) =>
      page.addInitScript(() => {
        Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
      });
    await site.visit(
      SMALL,
      async (first) => {
        await ready(first);
        await train(first);
        await press(first, "Pause");
        const step = await savedStep(first);
        await site.visit(
          "",
          async (second) => {
            await press(second, "Continue where you were");
            await shows(second, "story", `Paused at step ${step.toLocaleString("en")}`);
            await press(first, "Step");
            await shows(first, "notice", "This run went on in another tab");
            await waitFor(first, async () => (await keptRuns(first)).length === 2);
            await press(second, "Step");
            await reaches(second, step + 1);
            await waitFor(second, async () => (await keptRuns(second)).every((run) => run.step === step + 1));
          },
          { before },
        );
      },
      { before },
    );
  });

  it("can be compared, opened, renamed and deleted", async () => {
    await clear();
    await site.visit(SMALL, async (page) => {
      await ready(page);
      for (const cell of ["gru", "rnn"]) {
        await set(page, "cell", cell);
        if ((await page.getByTestId("question").count()) > 0) await press(page, "Start new");
        else await train(page);
        await reaches(page, 40);
        await press(page, "Pause");
        await savedStep(page);
      }
      await page.getByText("the run before").waitFor();
      await press(page, "Your work");
      await waitFor(page, async () => (await page.getByTestId("kept-run").count()) === 2);
      const old = page.getByLabel(/^Compare with .*GRU/);
      assert.ok(await old.isChecked(), "the run before is drawn");
      await old.uncheck();
      await old.check();
      await press(page, "Close: Your work");
      await page.locator(".legend .compared").filter({ hasText: "GRU 16" }).waitFor();
      assert.ok(await isDrawn(page, "--class-2"), "the curve has its colour");

      await press(page, "Your work");
      await press(page, /^Rename .*GRU/);
      const name = page.getByLabel("Name", { exact: true });
      await name.press("Escape");
      await name.waitFor({ state: "detached" });
      await press(page, /^Rename .*GRU/);
      await name.fill("<b>mine</b>");
      await name.press("Enter");
      await press(page, "Open <b>mine</b>");
      await shows(page, "story", "Paused at step");
      await shows(page, "summary", "GRU");
      assert.equal(await page.getByTestId("question").count(), 0);

      await press(page, "Your work");
      await shows(page, "room", "that the browser grants this site");
      await page
        .getByTestId("kept-run")
        .filter({ hasText: "mine" })
        .getByRole("button", { name: /^Delete/ })
        .click();
      await press(page, "Keep");
      assert.equal((await keptRuns(page)).length, 2);
      await press(page, "Delete all …");
      await press(page, "Yes, delete all");
      await shows(page, "work", "Nothing yet.");
      assert.deepEqual(await stored(page), { runs: 0, checkpoints: 0, curves: 0, data: 0 });
      await press(page, "Close: Your work");
      await press(page, "Step");
      await page.waitForTimeout(500);
      assert.deepEqual(await keptRuns(page), [], "what was deleted stays deleted");
    });
  });

  it("has a limit: the oldest without a name make way, and it is said", async () => {
    await clear();
    await site.visit(SMALL, async (page) => {
      await ready(page);
      await train(page);
      await press(page, "Pause");
      await savedStep(page);
      await change(page, (run) =>
        Array.from({ length: 30 }, (_, i) => ({
          ...run,
          id: `old ${i}`,
          name: `Run ${i}`,
          named: i === 0,
          changed: 1000 + i,
        })),
      );
      await press(page, "Step");
      await shows(page, "notice", "Old work made way for new");
      await shows(page, "notice", "“Run 1” was deleted");
      const left = await keptRuns(page);
      assert.equal(left.length, 30);
      assert.ok(left.some(({ name }) => name === "Run 0"));
    });
  });

  it("is accessible, and fits a narrow window", async () => {
    await clear();
    await site.visit(SMALL, async (page) => {
      await ready(page);
      await train(page);
      await press(page, "Pause");
      await savedStep(page);
      await change(page, (run) => [
        { ...run, id: "long", name: "x".repeat(80), changed: 5 },
        { ...run, id: "damaged", step: -1 },
      ]);
    });
    await site.visit(SMALL, async (page) => {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.getByTestId("offer").waitFor();
      await ready(page);
      await press(page, "Your work");
      await page.getByTestId("room").waitFor();
      await page
        .getByRole("button", { name: /^Delete/ })
        .first()
        .click();
      await page
        .getByRole("button", { name: /^Rename/ })
        .last()
        .click();
      for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        await page.emulateMedia({ colorScheme });
        await isAccessible(page, `the list, ${colorScheme}`);
      }
      const wide = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.querySelector("dialog")?.scrollWidth ?? 0,
      ]);
      assert.ok(
        wide.every((width) => width <= 360),
        `${wide} pixels wide`,
      );
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      await page.getByTestId("work").waitFor({ state: "detached" });
      for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        await page.emulateMedia({ colorScheme });
        await isAccessible(page, `the offer, ${colorScheme}`);
      }
    });
  });
});

/**
 * Waits until something is true.
 * @param {Page} page
 * @param {() => Promise<boolean>} holds
 */
async function waitFor(page, holds) {
  const end = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`it does not become true that ${holds}`);
    await page.waitForTimeout(50);
  }
}

/**
 * The kinds of dialog that the browser opens, each accepted.
 * @param {Page} page
 */
function watchDialogs(page) {
  /** @type {string[]} */
  const dialogs = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.type());
    void dialog.accept();
  });
  return dialogs;
}

/**
 * What the browser keeps in one of the stores.
 * @param {Page} page
 * @param {string} store
 * @returns {Promise<any[]>}
 */
const all = (page, store) =>
  page.evaluate(
    (store) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("unrolled");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const reading = opening.result.transaction(store).objectStore(store).getAll();
          reading.onsuccess = () => {
            opening.result.close();
            // Bytes are long to pass on.
            resolve(reading.result.map((value) => (value instanceof Uint8Array ? value.length : value)));
          };
        };
      }),
    store,
  );

/** @param {Page} page */
const keptRuns = (page) => all(page, "runs");

/** @param {Page} page */
async function stored(page) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const store of ["runs", "checkpoints", "curves", "data"]) counts[store] = (await all(page, store)).length;
  return counts;
}

/**
 * Waits until the run that changed last is kept as far as the page shows it.
 * @param {Page} page
 * @returns {Promise<number>} its step
 */
async function savedStep(page) {
  let step = 0;
  await waitFor(page, async () => {
    const runs = await keptRuns(page);
    step = runs.toSorted((a, b) => b.changed - a.changed)[0]?.step ?? 0;
    const paused = (await textOf(page, "train")) === "Resume";
    return step > 0 && (!paused || step === (await stepOf(page)));
  });
  return step;
}

/**
 * Puts records beside the only run that is kept, or in its place; the new ones have a checkpoint that is none, and "none" has
 * not even that.
 * @param {Page} page
 * @param {(run: any) => any[]} make
 */
async function change(page, make) {
  const [run] = await keptRuns(page);
  await page.evaluate(
    ({ records, kept }) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("unrolled");
        opening.onsuccess = () => {
          const writing = opening.result.transaction(["runs", "checkpoints"], "readwrite");
          for (const record of records) {
            writing.objectStore("runs").put(record);
            if (record.id !== "none" && record.id !== kept)
              writing.objectStore("checkpoints").put(new Uint8Array(3), record.id);
          }
          writing.oncomplete = () => {
            opening.result.close();
            resolve(null);
          };
          writing.onerror = () => reject(writing.error);
        };
      }),
    { records: make(run), kept: run.id },
  );
}

/**
 * Deletes the data of all kept runs.
 * @param {Page} page
 */
const emptyData = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const opening = indexedDB.open("unrolled");
        opening.onsuccess = () => {
          const writing = opening.result.transaction("data", "readwrite");
          writing.objectStore("data").clear();
          writing.oncomplete = () => resolve(opening.result.close());
        };
      }),
  );

/**
 * What the finished run on the page came to: the events of its epochs and a digest of every tensor of the network.
 * @param {Page} page
 */
async function outcome(page) {
  const step = await stepOf(page);
  await waitFor(page, async () => {
    const runs = await keptRuns(page);
    return runs.some((run) => run.status === "finished" && run.step === step && Date.now() - run.changed < 60_000);
  });
  return page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("unrolled");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const reading = opening.result.transaction(["runs", "checkpoints"]);
          const runs = reading.objectStore("runs").getAll();
          runs.onsuccess = () => {
            const newest = runs.result.toSorted((a, b) => b.changed - a.changed)[0];
            const found = reading.objectStore("checkpoints").get(newest.id);
            found.onsuccess = () => {
              opening.result.close();
              /** @type {Uint8Array} */
              const bytes = found.result;
              const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
              const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
              const { progress } = JSON.parse(header.__metadata__.unrolled);
              const weights = Object.entries(header)
                .filter(([name]) => /^(model|best)\./.test(name))
                .map(([name, tensor]) => {
                  const [from, to] = /** @type {any} */ (tensor).data_offsets;
                  let digest = 0;
                  for (const byte of bytes.subarray(8 + length + from, 8 + length + to)) {
                    digest = (Math.imul(digest, 31) + byte) | 0;
                  }
                  return `${name} ${digest}`;
                })
                .toSorted();
              const epochs = progress.history.filter((/** @type {any} */ event) => event.type === "epoch");
              resolve({ epochs, weights });
            };
          };
        };
      }),
  );
}

/**
 * Whether a chart has something in a colour of the page.
 * @param {Page} page
 * @param {string} name
 */
const isDrawn = (page, name) =>
  page.evaluate((name) => {
    const colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const wanted = [1, 3, 5].map((i) => Number.parseInt(colour.slice(i, i + 2), 16));
    return [...document.querySelectorAll("canvas")].some((canvas) => {
      const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      for (let i = 0; i < pixels.length; i += 4) {
        if (wanted.every((value, part) => Math.abs((pixels[i + part] ?? 0) - value) < 40)) return true;
      }
      return false;
    });
  }, name);
