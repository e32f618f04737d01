// The part of the address behind `#`: it carries the settings, and is not to be trusted.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { unzlibSync, zlibSync } from "fflate";
import { serve } from "../../scripts/serve.mjs";
import { root } from "../../scripts/steps.mjs";
import { isAccessible, openSite, press, ready, set, shows, textOf, train } from "./page.mjs";

/** @param {import("playwright-core").Page} page */
const hashOf = (page) => decodeURIComponent(new URL(page.url()).hash.slice(1));

/**
 * The value in a setting's control.
 * @param {import("playwright-core").Page} page
 * @param {string} key
 */
const setting = (page, key) => page.locator(`#setting-${key}`).inputValue();

describe("links", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
    await site.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  });
  after(() => site?.close());

  it("carry settings, and only those that differ from the defaults", () =>
    site.visit("device=cpu&hidden=24&batch=32&attention=none&lowercase=true&learning_rate=0.002", async (page) => {
      await ready(page);
      assert.equal(await setting(page, "hidden"), "24");
      assert.equal(await setting(page, "attention"), "none");
      assert.equal(await setting(page, "learning_rate"), "0.002");
      assert.ok(await page.locator("#setting-lowercase").isChecked());
      assert.equal(await page.locator("#device").inputValue(), "cpu");
      assert.equal(await page.getByTestId("notice").count(), 0);
      assert.equal(hashOf(page), "v=1&device=cpu&lowercase=true&hidden=24&attention=none&learning_rate=0.002");

      await set(page, "layers", 2);
      await page.waitForFunction("location.hash.includes('layers=2')");
      await press(page, "Reset all");
      await page.waitForFunction("location.hash === '#v=1&device=cpu'");
      assert.equal(await setting(page, "hidden"), "128");
    }));

  it("are empty where nothing is set", () =>
    site.visit("", async (page) => {
      await ready(page);
      assert.equal(page.url(), site.url);
    }));

  it("are copied, and open the same settings elsewhere", async () => {
    let link = "";
    await site.visit("", async (page) => {
      await ready(page);
      await set(page, "cell", "gru");
      await set(page, "hidden", 48);
      await page.locator("#device").selectOption("cpu");
      await press(page, "Share");
      await shows(page, "link-holds", "what differs from its start: Cell GRU, Hidden size 48.");
      await shows(page, "link-holds", "The seed 1");
      await shows(page, "link-holds", "The choice of the CPU.");
      await shows(page, "link-lacks", "The question that stands on the page.");
      await shows(page, "link-lacks", "Any word of the texts.");
      await isAccessible(page, "the dialog");
      await press(page, "Copy link");
      await page.getByText("Copied.", { exact: true }).waitFor();
      link = await page.evaluate(() => navigator.clipboard.readText());
      assert.equal(link, page.url(), "what the address bar shows");
      await page.keyboard.press("Escape");
      await page.getByTestId("share").waitFor({ state: "detached" });
    });
    assert.equal(link, `${site.url}#v=1&device=cpu&cell=gru&hidden=48`);
    await site.visit(link.slice(site.url.length + 1), async (page) => {
      await ready(page);
      assert.equal(await setting(page, "cell"), "gru");
      assert.equal(await setting(page, "hidden"), "48");
      await shows(page, "device-name", "CPU");
    });
  });

  it("name what the page does not know", () =>
    site.visit("device=cpu&depth=3&cell=transformer&hidden=24", async (page) => {
      await ready(page);
      await shows(page, "notice", "settings that this page does not know and leaves out: depth=3, cell=transformer.");
      assert.equal(await setting(page, "hidden"), "24");
      assert.equal(await setting(page, "cell"), "lstm");
      assert.equal(hashOf(page), "v=1&device=cpu&hidden=24");
      await press(page, "Dismiss: About this link");
      await page.getByTestId("notice").waitFor({ state: "detached" });
    }));

  it("are cut to the range of each setting, and say so", () =>
    site.visit("device=cpu&hidden=5000&dropout=-1&layers=1.6", async (page) => {
      await ready(page);
      await shows(page, "notice", "Hidden size cannot be 5000; it was set to 1024.");
      await shows(page, "notice", "Dropout cannot be -1; it was set to 0.");
      await shows(page, "notice", "Layers cannot be 1.6; it was set to 2.");
      assert.equal(await setting(page, "hidden"), "1024");
    }));

  it("break nothing, whatever they say", () =>
    site.visit(
      "%%%&=&&hidden=abc&hidden&pairs=1e999&seed=NaN&<script>window.broken=1</script>=<img src=x onerror=broken=1>&task=chess&device=abacus&__proto__=1&constructor=2&pairs=200",
      async (page) => {
        await ready(page);
        await shows(page, "notice", "About this link");
        await shows(page, "device-name", "CPU");
        assert.equal(await setting(page, "hidden"), "128");
        assert.equal(await page.evaluate("window.broken"), undefined);
        await set(page, "hidden", 8);
        await train(page);
      },
    ));

  it("are followed while the page is open, and ask before they end a run", () =>
    site.visit("device=cpu&hidden=16&pairs=200", async (page) => {
      await ready(page);
      await page.evaluate(() => {
        location.hash = "#device=cpu&hidden=20&pairs=200";
      });
      await page.waitForFunction("document.querySelector('#setting-hidden').value === '20'");
      await train(page);
      await page.evaluate(() => {
        location.hash = "#device=cpu&hidden=24&pairs=200";
      });
      await shows(page, "question", "Hidden size 20 → 24");
      await press(page, "Keep");
      await page.waitForFunction("location.hash.includes('hidden=20')");
      await page.evaluate(() => {
        location.hash = "#device=cpu&task=parity&bits=5";
      });
      await shows(page, "question", "Open the link?");
      await shows(page, "question", "The trained one stays under Your work.");
      await press(page, "Start new");
      await page.getByTestId("parity-card").waitFor();
      assert.equal(hashOf(page), "v=1&device=cpu&task=parity&bits=5");
    }));

  it("without a version are read, and get one", () =>
    site.visit("device=cpu&task=parity&bits=5", async (page) => {
      await ready(page);
      assert.equal(await setting(page, "bits"), "5");
      assert.equal(hashOf(page), "v=1&device=cpu&task=parity&bits=5");
      assert.equal(await page.getByTestId("notice").count(), 0);
    }));

  it("of a newer version say so, and are read as far as they go", () =>
    site.visit("v=9&device=cpu&hidden=24&gates=7", async (page) => {
      await ready(page);
      await shows(page, "notice", "made by a newer version of this page");
      await shows(page, "notice", "leaves out: gates=7.");
      assert.equal(await setting(page, "hidden"), "24");
    }));

  it("that are far too long open the page as it starts", () =>
    site.visit(`device=cpu&hidden=24&net=${"A".repeat(200_000)}`, async (page) => {
      await ready(page);
      await shows(page, "notice", /200,0\d\d characters, and at most 100,000 are read/);
      assert.equal(await setting(page, "hidden"), "128");
      assert.equal(page.url(), site.url);
    }));

  it("carry a question only where it is ticked", () =>
    site.visit("device=cpu", async (page) => {
      await ready(page);
      const sentence = "Where is <b>Ann & Bob</b>?";
      await page.getByLabel("Your sentence").fill(sentence);
      await press(page, "Share");
      const link = page.getByLabel("The link", { exact: true });
      assert.doesNotMatch(await link.inputValue(), /Ann/);
      await page.getByLabel("With the question").check();
      await shows(page, "link-holds", "The question.");
      const address = await link.inputValue();
      assert.match(address, /&ask=Where/);
      await press(page, "Close: Share");
      assert.doesNotMatch(page.url(), /Ann/, "the address bar never shows it");
      await page.getByLabel("Your sentence").fill("");
      await page.evaluate((url) => location.assign(url), address);
      await page.waitForFunction((text) => document.querySelector("#source-text")?.value === text, sentence);
      await page.waitForFunction("!location.hash.includes('ask=')");
      assert.equal(await page.getByTestId("notice").count(), 0);
    }));

  it("say what a browser that does not let the page copy leaves to do", () =>
    site.visit(
      "device=cpu",
      async (page) => {
        await ready(page);
        await press(page, "Share");
        await press(page, "Copy link");
        await page.getByText("The link is selected: copy it by hand.").waitFor();
        assert.equal(await page.evaluate(() => getSelection()?.toString()), page.url());
      },
      { before: (page) => page.addInitScript("delete Navigator.prototype.clipboard") },
    ));
});

/** A network of the parity task that is trained in a moment, and does nothing well. */
const TINY = "v=1&device=cpu&task=parity&bits=8&strings=300&hidden=8&epochs=2&patience=0";

/**
 * Trains the network of `TINY` to its end.
 * @param {import("playwright-core").Page} page
 */
async function trainTiny(page) {
  await ready(page);
  await press(page, "Train");
  await page.getByRole("button", { name: "Train longer" }).waitFor();
}

/**
 * The share that the parity network gives to each answer, asked about the bits on show.
 * @param {import("playwright-core").Page} page
 */
async function verdict(page) {
  await press(page, "Ask");
  await page.getByTestId("parity-answer").filter({ hasText: "sure" }).waitFor();
  const [, says, sure] = /It says (\w+), and is ([\d.]+)/.exec(await textOf(page, "parity-answer")) ?? [];
  return { says, sure: Number(sure) };
}

/**
 * What the dialog makes of the network that is there.
 * @param {import("playwright-core").Page} page
 */
async function netLink(page) {
  await press(page, "Share");
  await page.getByLabel("The settings and the trained network").check();
  await shows(page, "link-holds", "The trained network, its numbers rounded to 16 bits.");
  return page.getByLabel("The link", { exact: true }).inputValue();
}

describe("links with a network in them", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  let link = "";
  /** @type {Awaited<ReturnType<typeof verdict>>} */
  let said;
  before(async () => {
    site = await openSite();
    await site.visit(TINY, async (page) => {
      await press(page, "Share");
      await page.getByText("Train a network first.").waitFor();
      assert.ok(await page.getByLabel("The settings and the trained network").isDisabled());
      await press(page, "Close: Share");
      await trainTiny(page);
      said = await verdict(page);
      link = await netLink(page);
      assert.doesNotMatch(page.url(), /net=/, "the address bar shows the settings");
    });
  });
  after(() => site?.close());

  const hash = () => link.slice(link.indexOf("#") + 1);

  it("open it trained, as it answered, until something is changed", () =>
    site.visit(hash(), async (page) => {
      assert.ok(link.length < 4_000, `${link.length} characters`);
      await shows(page, "story", "A trained network is open");
      const again = await verdict(page);
      assert.equal(again.says, said.says);
      assert.ok(Math.abs(again.sure - said.sure) < 0.2, `${again.sure} and ${said.sure}`);
      assert.equal(await page.getByTestId("notice").count(), 0);
      assert.match(page.url(), /&net=/, "so that a reload, or a bookmark, opens it again");
      await page.reload();
      await shows(page, "story", "A trained network is open");
      await press(page, /^Train (on|longer)$/);
      await shows(page, "number-loss", /\d/);
      await page.waitForFunction("!location.hash.includes('net=')");
      await press(page, /Pause|Train longer/);
      await page.reload();
      await ready(page);
      assert.equal(await page.getByRole("button", { name: "Train", exact: true }).count(), 1, "nothing opens again");
    }));

  it("go out of the address with the first setting that is changed", () =>
    site.visit(hash(), async (page) => {
      await shows(page, "story", "A trained network is open");
      await set(page, "epochs", 7);
      await page.waitForFunction("!location.hash.includes('net=')");
      assert.match(page.url(), /epochs=7/);
    }));

  it("open their settings where the network is cut off, and say so", () =>
    site.visit(hash().slice(0, -200), async (page) => {
      await ready(page);
      await shows(page, "notice", "The network in the link is cut off or was changed on its way");
      assert.equal(await setting(page, "hidden"), "8");
      assert.doesNotMatch(page.url(), /net=/);
    }));

  for (const [what, bytes] of /** @type {[string, Buffer][]} */ ([
    ["nothing", Buffer.alloc(0)],
    ["noise", randomBytes(2_000)],
    ["a header that claims to be endless", Buffer.from([255, 255, 255, 255, 255, 255, 255, 127, 123, 125])],
    ["a foreign file of tensors", Buffer.from("\x02\0\0\0\0\0\0\0{}", "latin1")],
  ])) {
    it(`say that ${what} is no network`, () =>
      site.visit(`${TINY}&net=${Buffer.from(zlibSync(bytes)).toString("base64url")}`, async (page) => {
        await ready(page);
        await shows(page, "notice", "Not opened: the link");
        assert.equal(await setting(page, "hidden"), "8");
        await page.waitForFunction("!location.hash.includes('net=')");
      }));
  }

  it("ask before they end a run", () =>
    site.visit("v=1&device=cpu&pairs=200&hidden=8", async (page) => {
      await ready(page);
      await train(page);
      const before = page.url();
      const follow = () =>
        page.evaluate((value) => {
          location.hash = value;
        }, hash());
      await follow();
      await shows(page, "question", "Open the link?");
      await press(page, "Keep");
      assert.equal(page.url(), before);
      await follow();
      await press(page, "Start new");
      await page.getByTestId("parity-card").waitFor();
      await shows(page, "story", "A trained network is open");
      assert.equal((await verdict(page)).says, said.says);
    }));

  it("hold a lesson, too", () =>
    site.visit(hash(), async (page) => {
      await shows(page, "story", "A trained network is open");
      await press(page, "Share");
      await page.getByLabel("For a class: as a lesson").check();
      await page.getByTestId("teach").getByLabel("Title").fill("Ask it");
      await page.getByTestId("teach").getByText("Network", { exact: true }).click();
      await page.getByLabel("All of “Network”").selectOption("fixed");
      await page.getByLabel("The settings and the trained network").check();
      const lesson = await page.getByLabel("The link", { exact: true }).inputValue();
      await press(page, "Close: Share");
      await page.evaluate((url) => location.assign(url), lesson);
      await shows(page, "lesson", "Ask it");
      await shows(page, "story", "A trained network is open");
      assert.ok(await page.locator("#setting-hidden").isDisabled());
      assert.equal(await page.getByTestId("notice").count(), 0);
      assert.match(page.url(), /lesson=.*net=/);
    }));

  it("hold the words of a text only where that is ticked", () =>
    site.visit("v=1&device=cpu&pairs=60&hidden=4&embedding=4&epochs=1", async (page) => {
      await trainTiny(page);
      await press(page, "Share");
      await page.getByLabel("The settings and the trained network").check();
      await page.getByText("Tick that the vocabulary may be in the link").waitFor();
      assert.equal(await page.getByRole("button", { name: "Copy link" }).count(), 0);
      await page.getByLabel("The network's vocabulary is in it").check();
      await shows(page, "link-holds", "Its vocabulary");
      const net = new URLSearchParams(
        new URL(await page.getByLabel("The link", { exact: true }).inputValue()).hash.slice(1),
      );
      const file = Buffer.from(unzlibSync(Buffer.from(net.get("net") ?? "", "base64url")));
      assert.ok(file.includes("Gracias"), "the words are in it as they are");
    }));

  it("are not offered for a network that is too large", () =>
    site.visit("v=1&device=cpu&task=parity&hidden=256&bits=4&strings=200&epochs=1", async (page) => {
      await trainTiny(page);
      await press(page, "Share");
      await page.getByText("This network is too large for a link").waitFor();
      assert.ok(await page.getByLabel("The settings and the trained network").isDisabled());
    }));
});

describe("links to a model file", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  /** @param {string} name */
  const file = (name) => join(root, "tests/native/files", name);
  const folder = mkdtempSync(join(tmpdir(), "unrolled-"));
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let open;
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let closed;
  before(async () => {
    site = await openSite();
    writeFileSync(join(folder, "page.html"), "<!doctype html><title>Not a model</title>");
    writeFileSync(join(folder, "page.safetensors"), "\n<!DOCTYPE html><title>Not a model</title>");
    writeFileSync(join(folder, "pointer.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:00\n");
    writeFileSync(join(folder, "large.safetensors"), "");
    copyFileSync(file("v2-parity.safetensors"), join(folder, "a model.safetensors"));
    writeFileSync(join(folder, "noise.safetensors"), randomBytes(3_000));
    truncateSync(join(folder, "large.safetensors"), 201 * 2 ** 20);
    open = await serve(folder, { headers: { "access-control-allow-origin": "*" } });
    closed = await serve(folder);
  });
  after(async () => {
    await site?.close();
    await open?.close();
    await closed?.close();
    rmSync(folder, { recursive: true });
  });

  it("open it after a yes", () => {
    const url = `${open.url}a%20model.safetensors`;
    return site.visit(
      model(url),
      async (page) => {
        await shows(page, "offer", "open the model a model.safetensors");
        await press(page, "Fetch and open it");
        await page.getByTestId("parity-card").waitFor();
        await shows(page, "story", /is open|Paused|Stopped|Try it below/);
        assert.equal(await page.getByTestId("offer").count(), 0);
        assert.match(page.url(), /task=parity.*&model=http/);
        // What is shared then names the same file.
        await press(page, "Share");
        await page.getByLabel("The address of a model file").check();
        assert.equal(await page.getByLabel("Address of the file").inputValue(), url);
        await press(page, "Close: Share");
        await set(page, "epochs", 77);
        await page.waitForFunction("!location.hash.includes('model=')");
      },
      { allowed: [url] },
    );
  });

  it("open a file on the page's own host without asking", () =>
    site.visit(
      "v=1&device=cpu&model=demos/parity.safetensors",
      async (page) => {
        await page.getByTestId("parity-card").waitFor();
        await shows(page, "story", /is open|Paused|Stopped|Try it below/);
        assert.match(page.url(), /model=demos\/parity\.safetensors/);
      },
      {
        before: (page) =>
          page.route("**/some/sub/path/demos/parity.safetensors", (route) =>
            route.fulfill({ path: file("v2-parity.safetensors") }),
          ),
      },
    ));

  it("say what is wrong with a file that is no model", () =>
    site.visit(
      model(`${open.url}noise.safetensors`),
      async (page) => {
        await press(page, "Fetch and open it");
        await shows(page, "notice", "Not opened: noise.safetensors");
        await ready(page);
        assert.equal(await setting(page, "hidden"), "24");
        await page.waitForFunction("!location.hash.includes('model=')");
      },
      { allowed: [`${open.url}noise.safetensors`] },
    ));

  it("can be cancelled on the way", () =>
    site.visit(
      "v=1&device=cpu&hidden=24&model=slow.safetensors",
      async (page) => {
        await shows(page, "offer", "Fetching slow.safetensors");
        await press(page, "Cancel");
        await page.getByTestId("offer").waitFor({ state: "detached" });
        await ready(page);
        assert.equal(await setting(page, "hidden"), "24");
        await page.waitForFunction("!location.hash.includes('model=')");
      },
      // It is never answered.
      { before: (page) => page.route("**/slow.safetensors", () => {}), expected: /ERR_ABORTED/ },
    ));

  /** @param {string} address */
  const model = (address) => `v=1&device=cpu&hidden=24&model=${encodeURIComponent(address)}`;

  it("ask before anything is fetched, and name the host", () =>
    site.visit(model(`${open.url}page.html`), async (page) => {
      await ready(page);
      await shows(page, "offer", `open the model page.html from ${new URL(open.url).host}`);
      assert.equal(await setting(page, "hidden"), "24");
      assert.match(page.url(), /model=/, "until it is decided");
      await isAccessible(page, "the question");
      await press(page, "No, thanks");
      await page.getByTestId("offer").waitFor({ state: "detached" });
      await page.waitForFunction("!location.hash.includes('model=')");
      assert.equal(hashOf(page), "v=1&device=cpu&hidden=24");
    }));

  for (const [what, name, from, sentence] of /** @type {[string, string, "open" | "closed", RegExp][]} */ ([
    [
      "a host that lets no other page read",
      "page.safetensors",
      "closed",
      /answers, but lets no other page read this file.*\(CORS\)/,
    ],
    ["a file that is not there", "none.safetensors", "open", /has no file at this address \(404\)/],
    ["a web page", "page.html", "open", /has a web page and not a model file/],
    ["a web page by the name of a file", "page.safetensors", "open", /has a web page and not a model file/],
    ["a note of Git LFS", "pointer.safetensors", "open", /only a note of Git LFS/],
    ["a file that is too large", "large.safetensors", "open", /at most 200\.0 MB are fetched/],
  ])) {
    it(`say what to do about ${what}`, () => {
      const url = { open, closed }[from].url + name;
      return site.visit(
        model(url),
        async (page) => {
          await press(page, "Fetch and open it");
          await shows(page, "offer", sentence);
          await press(page, "Close");
          await page.waitForFunction("!location.hash.includes('model=')");
          await ready(page);
          assert.equal(await setting(page, "hidden"), "24");
        },
        { expected: /CORS|ERR_FAILED|404|missing|ERR_ABORTED/, allowed: [url] },
      );
    });
  }

  it("say that a host cannot be reached, and try again", () =>
    site.visit(
      model("http://127.0.0.1:9/a.safetensors"),
      async (page) => {
        await press(page, "Fetch and open it");
        await shows(page, "offer", "127.0.0.1:9 could not be reached");
        await press(page, "Try again");
        await shows(page, "offer", "127.0.0.1:9 could not be reached");
      },
      { expected: /ERR_/, allowed: ["http://127.0.0.1:9/a.safetensors"] },
    ));

  it("refuse what is no address on the web", () =>
    site.visit(model("http://models.example.org/a.safetensors"), async (page) => {
      await ready(page);
      await shows(page, "notice", "It takes one that begins with https:");
      assert.equal(await page.getByTestId("offer").count(), 0);
      await press(page, "Share");
      await page.getByLabel("The address of a model file").check();
      await page.getByText("Give the address of the model file.").waitFor();
      await page.getByLabel("Address of the file").fill("javascript:alert(1)");
      await page.getByText("begins with javascript:").waitFor();
      await page.getByLabel("Address of the file").fill("https://models.example.org/a b.safetensors");
      assert.equal(
        await page.getByLabel("The link", { exact: true }).inputValue(),
        `${page.url()}&model=https://models.example.org/a+b.safetensors`,
      );
    }));
});
