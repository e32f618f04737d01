// The user's own data: every layout and encoding that is read, and every file that is refused.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { strToU8, zipSync } from "fflate";
import { openSite, press, reaches, ready, SMALL, set, shows, textOf, train, translate } from "./page.mjs";

/** @typedef {{ name: string, mimeType: string, buffer: Buffer }} Upload */

/**
 * @param {string} name
 * @param {string | Uint8Array} content
 * @returns {Upload}
 */
const file = (name, content) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(content) });

const pairs = [
  ["Hello.", "Hola."],
  ["Good morning.", "Buenos días."],
  ["See you, Ana.", "Hasta luego, Ana."],
  ['He said "no".', "Dijo «no»."],
  ["Thank you.", "Gracias."],
];
const tabs = pairs.map((pair) => pair.join("\t")).join("\n");
const quoted = (/** @type {string} */ text) => `"${text.replaceAll('"', '""')}"`;
const separated = (/** @type {string} */ by) => pairs.map((pair) => pair.map(quoted).join(by)).join("\n");
const credit = "CC-BY 2.0 (France) Attribution: tatoeba.org #1 (CK) & #2 (someone)";

/**
 * What is read: a name, the files, and what the page says of them. All hold the five pairs above.
 * @type {[title: string, files: Upload[], name: string, layout: string, encoding: string][]}
 */
const readable = [
  ["two columns", [file("two.tsv", tabs)], "two.tsv", "tab-separated, 2 columns", "UTF-8"],
  [
    "three columns, the last with credits",
    [file("spa.txt", pairs.map((pair) => [...pair, credit].join("\t")).join("\n"))],
    "spa.txt",
    "tab-separated, 3 columns",
    "UTF-8",
  ],
  ["commas and quotes", [file("c.csv", separated(","))], "c.csv", "comma-separated, 2 columns", "UTF-8"],
  ["semicolons", [file("s.csv", separated(";"))], "s.csv", "semicolon-separated, 2 columns", "UTF-8"],
  [
    "two files",
    [file("a.en", pairs.map(([en]) => en).join("\n")), file("a.es", pairs.map(([, es]) => es).join("\n"))],
    "a.en + a.es",
    "two files, one sentence a line",
    "UTF-8",
  ],
  [
    "a zip with notes",
    [file("spa-eng.zip", zipSync({ "_about.txt": strToU8("About:\tthis\nfile"), "spa.txt": strToU8(tabs) }))],
    "spa.txt",
    "tab-separated, 2 columns",
    "UTF-8",
  ],
  [
    "UTF-16 with a byte order mark",
    [file("u16.tsv", Buffer.from(`\ufeff${tabs}`, "utf16le"))],
    "u16.tsv",
    "tab-separated, 2 columns",
    "UTF-16 LE",
  ],
  [
    "UTF-16 big endian without one",
    [file("be.tsv", Buffer.from(tabs, "utf16le").swap16())],
    "be.tsv",
    "tab-separated, 2 columns",
    "UTF-16 BE",
  ],
  ["UTF-8 with a byte order mark", [file("bom.tsv", `\ufeff${tabs}`)], "bom.tsv", "tab-separated, 2 columns", "UTF-8"],
  ["lines that end in CR LF", [file("crlf.tsv", tabs.replaceAll("\n", "\r\n"))], "crlf.tsv", "2 columns", "UTF-8"],
  ["Windows-1252", [file("w.tsv", Buffer.from(tabs, "latin1"))], "w.tsv", "2 columns", "Windows-1252"],
];

/**
 * What is refused: a name, the files, and what the page says.
 * @type {[title: string, files: Upload[], says: RegExp][]}
 */
const refused = [
  ["an empty file", [file("empty.tsv", "")], /empty\.tsv is empty\./],
  ["blank space", [file("blank.txt", " \n\n \n")], /blank\.txt holds nothing but blank space\./],
  ["one column", [file("prose.txt", "Just a line.\nAnd one more.\n")], /prose\.txt has one column only\./],
  [
    "two files of unequal length",
    [file("a.en", "one\ntwo\nthree"), file("a.es", "uno\ndos")],
    /a\.en has 3 lines and a\.es has 2\./,
  ],
  [
    "a picture",
    [file("photo.png", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"))],
    /photo\.png is a picture \(PNG\), not text\./,
  ],
  [
    "a picture that says it is text",
    [file("pairs.tsv", Buffer.from("ffd8ffe000104a464946", "hex"))],
    /pairs\.tsv is a picture \(JPEG\)/,
  ],
  ["a PDF", [file("book.pdf", "%PDF-1.7\n%\xe2\xe3\n1 0 obj")], /book\.pdf is a PDF document, not text\./],
  [
    "bytes",
    [file("noise.bin", Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 37) % 256)))],
    /noise\.bin is not a text file\./,
  ],
  ["a web page", [file("page.html", "<!doctype html><p>Hi</p>")], /page\.html is a web page/],
  [
    "a damaged zip",
    [file("cut.zip", zipSync({ "a.txt": strToU8(tabs) }).slice(0, 60))],
    /cut\.zip is damaged or locked/,
  ],
  [
    "a zip without text",
    [file("photos.zip", zipSync({ "a.png": strToU8("x") }))],
    /photos\.zip holds no \.txt, \.tsv or \.csv file\./,
  ],
  [
    "a Word document",
    [file("essay.docx", zipSync({ "word/document.xml": strToU8("<w/>") }))],
    /essay\.docx is a Word document\./,
  ],
];

describe("the user's own data", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it("is read in every layout and encoding", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      for (const [title, files, name, layout, encoding] of readable) {
        await page.getByTestId("file-input").setInputFiles(files);
        try {
          await shows(
            page,
            "encodings",
            new RegExp(`${files.at(-1)?.name.replace(/.*\.zip/, name)}: read as ${encoding}`),
          );
          await shows(page, "data-name", name);
          await shows(page, "data-details", layout);
          await shows(page, "data-facts", "5 of 5 pairs");
          const rows = await page.getByTestId("first-rows").locator("td").allInnerTexts();
          assert.deepEqual(rows, pairs.flat());
        } catch (cause) {
          throw new Error(title, { cause });
        }
        assert.equal(await page.getByLabel("Your sentence").inputValue(), "Hello.", "its first sentence to translate");
      }
      await train(page);
      await press(page, "Pause");
      await page.getByRole("button", { name: "Phrase book" }).click();
      await press(page, "Start new");
      await shows(page, "data-name", "English–Spanish phrase book");
    }));

  it("is refused in words where it is of no use, and what was loaded stays", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await page.getByTestId("file-input").setInputFiles(file("good.tsv", tabs));
      await shows(page, "data-name", "good.tsv");
      await train(page);
      await press(page, "Pause");
      // The slice that was under way may still come in.
      await page.waitForTimeout(1000);
      const step = await textOf(page, "stage-training");
      for (const [title, files, says] of refused) {
        await page.getByTestId("file-input").setInputFiles(files);
        // Whether a file is of use is sometimes known only when it takes the place of the one before.
        const question = page.getByTestId("question");
        const notice = page.getByTestId("notice");
        await notice.or(question).first().waitFor();
        if (await question.count()) await press(page, "Start new");
        try {
          await shows(page, "notice", says);
        } catch (cause) {
          throw new Error(title, { cause });
        }
        const text = await notice.innerText();
        assert.match(text, new RegExp(`Not loaded: ${files.map(({ name }) => name).join(" and ")}`), title);
        assert.match(text, /\b(use|choose|save|drop|unpack|open|need|needs)\b/i, `${title}: says what to do`);
        await shows(page, "data-name", "good.tsv");
        assert.equal(await textOf(page, "stage-training"), step, "the network stays");
        await press(page, /^Dismiss/);
        await notice.waitFor({ state: "detached" });
      }
    }));

  it("may have 100 MB", () =>
    site.visit(
      SMALL,
      async (page) => {
        await ready(page);
        await page.evaluate(() => drop([new File([new Uint8Array(101 * 2 ** 20)], "huge.txt")]));
        await shows(page, "notice", "huge.txt has 101 MB; the limit is 100 MB. Cut it into smaller files.");
        await shows(page, "data-name", "English–Spanish phrase book");
      },
      { before: addDrop },
    ));

  it("can be dropped anywhere, and pasted", () =>
    site.visit(
      SMALL,
      async (page) => {
        await ready(page);
        await page.evaluate((text) => drop([new File([text], "dropped.tsv")]), tabs);
        await shows(page, "data-name", "dropped.tsv");
        assert.equal(await page.getByTestId("drop-overlay").count(), 0);

        await page.getByRole("button", { name: "Paste …" }).click();
        await page.locator("#paste").fill("one\tuno\ntwo\tdos\nthree\ttres");
        await press(page, "Use this text");
        await shows(page, "data-name", "pasted text");
        await shows(page, "data-facts", "3 of 3 pairs");

        await page.evaluate((text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
        }, tabs);
        await shows(page, "data-facts", "5 of 5 pairs");
      },
      { before: addDrop },
    ));

  it("can be a folder, chosen or dropped", () =>
    site.visit(
      SMALL,
      async (page) => {
        await ready(page);
        const folder = mkdtempSync(join(tmpdir(), "corpus-"));
        mkdirSync(join(folder, "deep"));
        writeFileSync(join(folder, "notes.md"), "Not a language.");
        writeFileSync(join(folder, "empty.txt"), "");
        for (const [i, language] of ["en", "es"].entries()) {
          const file = join(folder, "deep", `corpus.${language}`);
          writeFileSync(file, pairs.map((pair) => pair[i]).join("\n"));
        }
        await page.getByTestId("folder-input").setInputFiles(folder);
        await shows(page, "data-name", /^corpus-\w+\/deep\/corpus\.en \+ corpus-\w+\/deep\/corpus\.es$/);
        await shows(page, "data-facts", "5 of 5 pairs");
        rmSync(folder, { recursive: true });

        await page.evaluate((text) => {
          const folder = (/** @type {string} */ path, /** @type {any[]} */ inside) => ({
            isDirectory: true,
            fullPath: path,
            // Entries come in parts, the last of them empty.
            createReader: () => ({ readEntries: (/** @type {any} */ done) => done(inside.splice(0, 1)) }),
          });
          const file = (/** @type {string} */ path) => ({
            isFile: true,
            fullPath: path,
            file: (/** @type {any} */ done) => done(new File([text], path.replace(/.*\//, ""))),
          });
          const entry = folder("/dropped", [
            folder("/dropped/a", [file("/dropped/a/pairs.tsv")]),
            file("/dropped/x.png"),
          ]);
          DataTransferItem.prototype.webkitGetAsEntry = () => /** @type {any} */ (entry);
          drop([new File([], "dropped")]);
        }, tabs);
        await shows(page, "data-name", "dropped/a/pairs.tsv");
        await shows(page, "data-facts", "5 of 5 pairs");

        await page.evaluate(() => {
          const entry = {
            isDirectory: true,
            createReader: () => ({ readEntries: (/** @type {any} */ done) => done([]) }),
          };
          DataTransferItem.prototype.webkitGetAsEntry = () => /** @type {any} */ (entry);
          drop([new File([], "dropped")]);
        });
        await shows(page, "notice", "The folder is empty.");

        await page.evaluate(() => {
          const entry = {
            isDirectory: true,
            createReader: () => ({
              readEntries: (/** @type {any} */ _, /** @type {any} */ fail) =>
                fail(new DOMException("", "NotFoundError")),
            }),
          };
          DataTransferItem.prototype.webkitGetAsEntry = () => /** @type {any} */ (entry);
          drop([new File([], "dropped")]);
        });
        await shows(page, "notice", "The folder could not be read.");
      },
      { before: addDrop },
    ));

  it("can be turned round, and its columns chosen", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      const lines = ["en,es,fr", "one,uno,un", "two,dos,deux", "three,tres,trois", "four,cuatro,quatre"];
      await page.getByTestId("file-input").setInputFiles(file("three.csv", lines.join("\n")));
      await shows(page, "data-name", "three.csv");
      await shows(page, "data-facts", "4 of 4 pairs, 1 line left out");
      await firstRow(page, "one", "uno");
      await press(page, "Swap direction");
      await firstRow(page, "uno", "one");
      assert.equal(await page.getByLabel("Your sentence").inputValue(), "uno");
      await page.locator("#setting-target_column").selectOption("3");
      await firstRow(page, "uno", "un");
      // The other one's column: they change places.
      await page.locator("#setting-target_column").selectOption("2");
      await firstRow(page, "un", "uno");
      await train(page);
    }));

  it("shows lines that are left out, with number and reason", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await page
        .getByTestId("file-input")
        .setInputFiles(file("gaps.tsv", `${tabs}\nno tab here\n\t\nempty\t\nlast\túltimo`));
      await shows(page, "data-facts", "6 of 6 pairs, 2 lines left out");
      await page.getByTestId("rejected").locator("summary").click();
      const cells = await page.getByTestId("rejected").locator("tbody td").allInnerTexts();
      assert.deepEqual([cells[0], cells[2]], ["6", "no tab here"]);
      assert.ok(cells[1], "a reason");
      await set(page, "max_tokens", 2);
      await tooLong(page, 4);
      await set(page, "lowercase", true);
      await shows(page, "data-facts", "2 of 6 pairs");
    }));

  it("may be Japanese, character by character", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      const lines = [
        "おはよう。\tGood morning.",
        "ありがとう。\tThank you.",
        "すみません。\tExcuse me.",
        "はい。\tYes.",
        "いいえ。\tNo.",
      ];
      await page.getByTestId("file-input").setInputFiles(file("ja.tsv", lines.join("\n")));
      await shows(page, "data-name", "ja.tsv");
      await translate(page, "おはよう。");
      assert.deepEqual(await page.getByTestId("attention").locator("thead th").allInnerTexts(), [..."おはよう。"]);
      await set(page, "level", "char");
      await tooLong(page, 0);
      await train(page);
      await reaches(page, 50);
      await press(page, "Pause");
      assert.match(await translate(page, "はい。"), /^\S/);
      assert.equal(await page.getByTestId("unknown-words").count(), 0);
    }));
});

/**
 * Waits until the first pair is this one.
 * @param {import("playwright-core").Page} page
 * @param {string} source
 * @param {string} target
 */
async function firstRow(page, source, target) {
  const cells = page.getByTestId("first-rows").locator("tbody tr").first().locator("td");
  for (const [cell, text] of [source, target].entries()) {
    await cells
      .nth(cell)
      .filter({ hasText: new RegExp(`^${text}$`) })
      .waitFor();
  }
}

/**
 * Waits until so many pairs are left out because of their length.
 * @param {import("playwright-core").Page} page
 * @param {number} pairs
 */
async function tooLong(page, pairs) {
  const fact = page.getByTestId("data-details").locator(".facts div").filter({ hasText: "too long" });
  await fact
    .locator("dd")
    .filter({ hasText: new RegExp(`^${pairs}$`) })
    .waitFor();
}

/**
 * Gives the page a `drop(files)` that does what a browser does when files are dropped on it.
 * @param {import("playwright-core").Page} page
 */
async function addDrop(page) {
  await page.addInitScript(() => {
    /** @type {any} */ (globalThis).drop = (/** @type {File[]} */ files) => {
      const dataTransfer = new DataTransfer();
      for (const file of files) dataTransfer.items.add(file);
      for (const type of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      }
    };
  });
}
