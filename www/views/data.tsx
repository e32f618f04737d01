import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { chosenFiles } from "../folders";
import { count, fileNames } from "../format";
import { standing } from "../lesson";
import type { FileWords } from "../page";
import type { ReadFile } from "../protocol";
import { info, loadBuiltIn, loadFiles, store } from "../store";
import { pastedFile } from "./drop";
import { Settings } from "./settings";

/** What is trained on: where it comes from, how much of it there is, which column is which. */
export function DataCard() {
  const page = store.page.value;
  const Controls = page?.DataControls;
  const data = store.preview.value?.data;
  const error = store.previewError.value;
  return (
    <section class="card" aria-labelledby="data-title" data-testid="data-card">
      <div class="card-head">
        <h2 id="data-title">Data</h2>
        {store.loading.value && <span class="muted">Reading …</span>}
      </div>
      <p class="data-name" data-testid="data-name">
        {data?.name ?? "Loading …"}
      </p>
      {data && (
        <p class="muted" data-testid="data-facts">
          {count(data.used)} of {count(data.records)} {page?.records}
          {data.rejected_total > 0 &&
            `, ${count(data.rejected_total)} ${data.rejected_total === 1 ? "line" : "lines"} left out`}
        </p>
      )}
      {error && !error.field && <p class="error">{error.message}</p>}
      {standing("panel:data") !== "hidden" && (
        <fieldset class="sources" disabled={standing("panel:data") === "fixed"}>
          <legend class="hidden">Where it comes from</legend>
          {page?.files && <Sources words={page.files} />}
          {Controls && <Controls />}
        </fieldset>
      )}
      <Settings group="data" />
    </section>
  );
}

function Sources({ words }: { words: FileWords }) {
  const picker = useRef<HTMLInputElement>(null);
  const folderPicker = useRef<HTMLInputElement>(null);
  const pasting = useSignal(false);
  const text = useSignal("");
  return (
    <>
      <div class="buttons">
        <button
          type="button"
          title={`${words.help} You can drop them anywhere.`}
          onClick={() => picker.current?.click()}
        >
          Open files …
        </button>
        <button type="button" title="All text files in a folder" onClick={() => folderPicker.current?.click()}>
          Open a folder …
        </button>
        <button type="button" aria-expanded={pasting.value} onClick={() => (pasting.value = !pasting.value)}>
          Paste …
        </button>
        {store.read.value.length > 0 && info.value?.built_in && (
          <button type="button" onClick={loadBuiltIn}>
            {info.value?.built_in?.name}
          </button>
        )}
        <input
          ref={picker}
          type="file"
          class="hidden"
          multiple
          tabIndex={-1}
          aria-label={words.label}
          data-testid="file-input"
          onChange={(event) => loadChosen(event.currentTarget)}
        />
        <input
          ref={(input) => {
            folderPicker.current = input;
            if (input) input.webkitdirectory = true;
          }}
          type="file"
          class="hidden"
          tabIndex={-1}
          aria-label="A folder of files"
          data-testid="folder-input"
          onChange={(event) => loadChosen(event.currentTarget)}
        />
      </div>
      {pasting.value && (
        <div class="paste">
          <label for="paste">{words.pasteLabel}</label>
          <textarea
            id="paste"
            dir="auto"
            rows={5}
            value={text.value}
            placeholder={words.placeholder}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
          <div class="buttons">
            <button
              type="button"
              class="primary"
              disabled={text.value.trim() === ""}
              onClick={() => {
                void loadFiles([pastedFile(text.value)]);
                pasting.value = false;
              }}
            >
              Use this text
            </button>
            <button type="button" onClick={() => (pasting.value = false)}>
              Cancel
            </button>
          </div>
        </div>
      )}
      {store.read.value.length === 0 && !pasting.value && standing("panel:data") === "shown" && (
        <p class="muted">Or drop your files anywhere on the page.</p>
      )}
      {store.read.value.length > 0 && (
        <p class="muted" data-testid="encodings">
          {encodings(store.read.value)}
        </p>
      )}
    </>
  );
}

function loadChosen(input: HTMLInputElement): void {
  const files = chosenFiles(input.files ?? []);
  // The same file can then be chosen again.
  input.value = "";
  if (files.length > 0) void loadFiles(files);
}

/** As what the files were read: each for itself where they are few. */
function encodings(files: readonly ReadFile[]): string {
  if (files.length <= 3) return files.map(({ name, encoding }) => `${name}: read as ${encoding}`).join(" · ");
  const found = [...new Set(files.map(({ encoding }) => encoding))];
  return `${fileNames(files.map(({ name }) => name))}: read as ${found.join(" and ")}`;
}
