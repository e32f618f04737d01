// The text of links, without a page: what is packed into them, and what they must not do.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { createServer } from "vite";
import { root } from "../../scripts/steps.mjs";

const PAGE = "https://school.example/unrolled/";

/** As the crate gives it, with two tasks and a setting of each kind. */
const schema = {
  tasks: ["translation", "parity"].map((kind) => ({
    kind,
    presets: [{ config: { task: kind, hidden: 128, dropout: 0.5, cell: "lstm", lowercase: false } }],
  })),
  fields: [
    ["hidden", "Hidden size", { type: "integer", min: 1, max: 1024 }],
    ["dropout", "Dropout", { type: "number", min: 0, max: 0.9 }],
    ["cell", "Cell", { type: "choice", options: [{ value: "lstm" }, { value: "gru" }] }],
    ["lowercase", "Lower case", { type: "flag" }],
  ].map(([key, label, control]) => ({ key, label, control })),
};

describe("the text of a link", () => {
  /** @type {import("vite").ViteDevServer} */
  let vite;
  /** @type {Record<string, any>} */
  let modules;
  before(async () => {
    vite = await createServer({
      root,
      configFile: false,
      appType: "custom",
      logLevel: "error",
      server: { middlewareMode: true, hmr: false, ws: false, watch: null },
      optimizeDeps: { noDiscovery: true },
    });
    modules = Object.assign(
      {},
      ...(await Promise.all(
        ["share", "links", "lesson", "packing", "remote"].map((name) => vite.ssrLoadModule(`/www/${name}.ts`)),
      )),
    );
  });
  after(() => vite?.close());

  const open = (/** @type {string} */ hash) => modules.openLink(hash, schema, PAGE);
  const packed = (/** @type {unknown} */ value) => modules.pack(new TextEncoder().encode(JSON.stringify(value)));

  it("is read as it was written", async () => {
    const config = { task: "parity", hidden: 7, dropout: 0.25, cell: "gru", lowercase: true };
    const extras = { question: "a & b = c#%+ü", lesson: packed({ title: "T" }), net: modules.pack(randomBytes(500)) };
    const hash = modules.writeLink(config, "cpu", schema, extras);
    assert.match(hash, /^v=1&device=cpu&task=parity&hidden=7&dropout=0.25&cell=gru&lowercase=true&ask=/);
    const { notices, ...link } = modules.parseLink(hash, schema);
    assert.deepEqual(link, { config, ...extras });
    assert.deepEqual(notices, []);
    assert.deepEqual((await open(`#${hash}`)).notices, []);
  });

  it("is empty where nothing differs", () => {
    assert.equal(modules.writeLink(modules.defaultConfig(schema, null), "auto", schema), "");
  });

  it("without a version means what it meant before there was one", async () => {
    const { config, notices } = await open("#device=cpu&task=parity&hidden=24");
    assert.deepEqual([config.task, config.hidden, notices], ["parity", 24, []]);
  });

  it("of a newer version says so, and is read as far as it goes", async () => {
    const { config, notices } = await open("#v=3&hidden=24&flux=1");
    assert.equal(config.hidden, 24);
    assert.match(notices[0], /newer version of this page \(its version is 3, this page reads 1\)/);
    assert.match(notices[1], /leaves out: flux=1\./);
  });

  it("that is too long is not read at all", async () => {
    const { config, notices } = await open(`#hidden=24&net=${"A".repeat(100_000)}`);
    assert.equal(config.hidden, 128);
    assert.deepEqual(notices, ["The link has 100,015 characters, and at most 100,000 are read: nothing of it was."]);
  });

  it("names a few of many unknown things, shortened", async () => {
    const many = Array.from({ length: 50 }, (_, i) => `key${i}=${"x".repeat(500)}`).join("&");
    const { notices } = await open(`#${many}`);
    assert.equal(notices.length, 1);
    assert.match(notices[0], /key0=x+, key1=x+, .*key4=x+, and 45 more\.$/);
    assert.ok(notices[0].length < 500, `${notices[0].length} characters`);
  });

  it("cuts a question that is too long", async () => {
    const { question, notices } = await open(`#ask=${"a".repeat(3_000)}`);
    assert.equal(question.length, 1_000);
    assert.match(notices[0], /cut to 1,000/);
  });

  it("unpacks what was packed", () => {
    for (const size of [0, 1, 2, 3, 1_000, 100_000]) {
      const bytes = randomBytes(size);
      const text = modules.pack(bytes);
      assert.match(text, /^[A-Za-z0-9_-]+$/);
      assert.deepEqual(Buffer.from(modules.unpack(text, "It", size)), bytes);
    }
  });

  it("notices every cut and every changed character in what is packed", () => {
    const bytes = Buffer.concat([Buffer.from("hidden state ".repeat(20)), randomBytes(200)]);
    const text = modules.pack(bytes);
    const refused = {
      constructor: modules.LinkError,
      message: /^It is cut off or was changed on its way/,
    };
    for (let i = 0; i < text.length; i++) {
      assert.throws(() => modules.unpack(text.slice(0, i), "It", 10_000), refused);
      const changed = text.slice(0, i) + (text[i] === "A" ? "B" : "A") + text.slice(i + 1);
      try {
        // Bits behind the end of the data mean nothing.
        assert.deepEqual(Buffer.from(modules.unpack(changed, "It", 10_000)), bytes);
      } catch (error) {
        assert.ok(error instanceof modules.LinkError, String(error));
      }
    }
    assert.throws(() => modules.unpack(`${text}…`, "It", 10_000), /^Error: It is damaged: “…” cannot stand in it/);
  });

  it("stops to unpack at the limit", () => {
    const bomb = modules.pack(new Uint8Array(60_000_000));
    assert.ok(bomb.length < 100_000, `fits into a link: ${bomb.length}`);
    const start = performance.now();
    assert.throws(() => modules.unpack(bomb, "It", 2 ** 20), /^Error: It unpacks to more than 1024 KB/);
    assert.ok(performance.now() - start < 1_000);
  });

  it("reads the settings also where the network in it is broken", async () => {
    const net = modules.pack(randomBytes(1_000)).slice(0, -10);
    const link = await open(`#v=1&hidden=24&net=${net}`);
    assert.equal(link.config.hidden, 24);
    assert.equal(link.model, undefined);
    assert.match(link.notices[0], /^The network in the link is cut off/);
  });

  it("with a network and an address opens the network, and fetches nothing", async () => {
    const bytes = randomBytes(100);
    const link = await open(`#net=${modules.pack(bytes)}&model=https://a.example/b.safetensors`);
    assert.deepEqual(Buffer.from(link.model.bytes), bytes);
    assert.match(link.notices[0], /Only the one in it counts/);
    const broken = await open("#net=AAAA&model=https://a.example/b.safetensors");
    assert.equal(broken.model, undefined, "a broken network is no reason to ask another host");
  });

  it("names a model file on this host, or one reached by https", async () => {
    const place = async (/** @type {string} */ address) =>
      (await open(`#model=${encodeURIComponent(address)}`)).model?.place;
    const near = await place("demos/a.safetensors#part");
    assert.deepEqual([near.url.href, near.own], ["https://school.example/unrolled/demos/a.safetensors", true]);
    const far = await place("https://models.example/a%20b.safetensors?download=true");
    assert.deepEqual([far.url.host, far.own], ["models.example", false]);
    assert.equal(modules.fileName(far), "a b.safetensors");
    // A host that looks like another one shows its real name.
    assert.equal((await place("https://gіthub.com/a")).url.host, "xn--gthub-n2e.com");
    for (const refused of [
      "http://models.example/a",
      "ftp://models.example/a",
      "javascript:alert(1)",
      "data:text/plain,a",
      "blob:https://school.example/1",
      "file:///etc/passwd",
      "https://user:secret@models.example/a",
      "https://school.example@models.example/a",
      "http://127.0.0.1:8000/a",
      "https://localhost/a",
      "https://a.localhost/a",
      "https://127.1/a",
      "https://2130706433/a",
      "https://[::1]/a",
      "https://[::ffff:127.0.0.1]/a",
      "https://",
      `https://models.example/${"a".repeat(2_000)}`,
    ]) {
      const link = await open(`#hidden=24&model=${encodeURIComponent(refused)}`);
      assert.equal(link.model, undefined, refused);
      assert.equal(link.notices.length, 1, refused);
      assert.equal(link.config.hidden, 24);
    }
    assert.equal(modules.findPlace("http://127.0.0.1:8000/a", "http://localhost:5173/").own, false);
  });

  it("reads a lesson, and names what it does not know of it", async () => {
    const lesson = {
      title: "One\nline",
      text: "First.\r\n\r\nSecond \u0000<b>.",
      tasks: ["chess"],
      fixed: ["hidden", "cell", "magic", "panel:layers"],
      hidden: ["cell", "panel:device", 7],
      colour: "red",
    };
    const link = await open(`#task=parity&lesson=${packed(lesson)}`);
    const { packed: _, start, ...read } = link.lesson;
    assert.deepEqual(read, {
      title: "One line",
      text: "First.\n\nSecond <b>.",
      tasks: [],
      fixed: ["hidden"],
      hidden: ["cell", "panel:device"],
    });
    assert.equal(start.task, "parity");
    assert.deepEqual(link.notices, [
      "The lesson has parts that this page does not know and leaves out: chess, 7, magic, panel:layers, colour.",
    ]);
  });

  it("cannot be shut out by its own lesson", async () => {
    const link = await open(`#task=parity&lesson=${packed({ tasks: ["translation"] })}`);
    assert.deepEqual(link.lesson.tasks, ["translation", "parity"]);
  });

  it("refuses a lesson that is none", async () => {
    for (const lesson of [null, 1, "text", [], [1]]) {
      const link = await open(`#lesson=${packed(lesson)}`);
      assert.equal(link.lesson, undefined);
      assert.match(link.notices[0], /What the link calls its lesson is none/);
    }
    const long = await open(`#lesson=${packed({ title: "t".repeat(999), text: "x".repeat(9_999) })}`);
    assert.deepEqual([long.lesson.title.length, long.lesson.text.length, long.notices.length], [100, 5_000, 2]);
    const huge = await open(`#lesson=${packed({ text: "x".repeat(1_000_000) })}`);
    assert.match(huge.notices[0], /unpacks to more than 64 KB/);
  });

  it("never fails, whatever it holds", async () => {
    const pieces = [
      ["v", "device", "task", "hidden", "dropout", "cell", "lowercase", "ask", "lesson", "model", "net", "__proto__"],
      ["constructor", "toString", "", "%", "%00", "=", "💥"],
    ].flat();
    const values = ["1", "-1", "1e999", "NaN", "true", "gru", "parity", "%ff", "../x", "//x", "AAAA", "eNo", "💥", ""];
    values.push(packed({ fixed: { length: 1e9 }, hidden: [[[]]], tasks: "parity", __proto__: null }), packed("\ud800"));
    let seed = 1;
    const draw = (/** @type {string[]} */ from) => {
      seed = (seed * 48271) % 2147483647;
      return from[seed % from.length];
    };
    for (let i = 0; i < 3_000; i++) {
      const hash = Array.from({ length: 5 }, () => `${draw(pieces)}=${draw(values)}`).join("&");
      const { config, notices } = await open(`#${hash}`);
      assert.ok(config.hidden >= 1 && config.hidden <= 1024 && config.dropout >= 0 && config.dropout <= 0.9, hash);
      assert.ok(["lstm", "gru"].includes(config.cell), hash);
      assert.deepEqual(Object.keys(config), ["task", "hidden", "dropout", "cell", "lowercase"], hash);
      const parts = ["config", "notices", "question", "lesson", "model", "net"];
      assert.ok(
        Object.keys(modules.parseLink(hash, schema)).every((part) => parts.includes(part)),
        hash,
      );
      assert.ok(
        notices.every((/** @type {string} */ notice) => notice.length < 600),
        hash,
      );
    }
  });
});
