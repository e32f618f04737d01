import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { count } from "../format";
import { loadFiles, loadPhraseBook, setColumns, store, swapDirection } from "../store";
import { pastedFile } from "./drop";
import { Settings } from "./settings";

/** What is trained on: where it comes from, how much of it there is, which column is which. */
export function DataCard() {
  const translation = store.config.value?.task !== "parity";
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
          {count(data.used)} of {count(data.records)} {translation ? "pairs" : "strings"}
          {data.rejected_total > 0 &&
            `, ${count(data.rejected_total)} ${data.rejected_total === 1 ? "line" : "lines"} left out`}
        </p>
      )}
      {error && !error.field && <p class="error">{error.message}</p>}
      {translation && <Sources />}
      {translation && <Columns />}
      <Settings group="data" />
    </section>
  );
}

function Sources() {
  const picker = useRef<HTMLInputElement>(null);
  const pasting = useSignal(false);
  const text = useSignal("");
  return (
    <>
      <div class="buttons">
        <button
          type="button"
          title="Two columns in one file, or two files with one language each; also zipped. You can drop them anywhere."
          onClick={() => picker.current?.click()}
        >
          Open files …
        </button>
        <button type="button" aria-expanded={pasting.value} onClick={() => (pasting.value = !pasting.value)}>
          Paste …
        </button>
        {store.read.value.length > 0 && (
          <button type="button" onClick={loadPhraseBook}>
            Phrase book
          </button>
        )}
        <input
          ref={picker}
          type="file"
          class="hidden"
          multiple
          tabIndex={-1}
          aria-label="Files with sentence pairs"
          data-testid="file-input"
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            // The same file can then be chosen again.
            event.currentTarget.value = "";
            if (files.length > 0) void loadFiles(files);
          }}
        />
      </div>
      {pasting.value && (
        <div class="paste">
          <label for="paste">Sentence pairs: one pair a line, a tab between the two sentences</label>
          <textarea
            id="paste"
            dir="auto"
            rows={5}
            value={text.value}
            placeholder={"Good morning.\tBuenos días."}
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
      {store.read.value.length === 0 && !pasting.value && <p class="muted">Or drop your files anywhere on the page.</p>}
      {store.read.value.length > 0 && (
        <p class="muted" data-testid="encodings">
          {store.read.value.map(({ name, encoding }) => `${name}: read as ${encoding}`).join(" · ")}
        </p>
      )}
    </>
  );
}

/** From which column into which. */
function Columns() {
  const config = store.config.value;
  const lines = store.preview.value?.data.columns ?? [];
  const columns = Math.max(0, ...lines.map((line) => line.length));
  if (!config || columns < 2) return null;
  const { source_column, target_column } = config;
  const options = Array.from({ length: columns }, (_, i) => {
    const example = lines.find((line) => line[i])?.[i] ?? "";
    return (
      <option key={i} value={i + 1}>
        {i + 1}: {example.length > 24 ? `${example.slice(0, 24)}…` : example}
      </option>
    );
  });
  return (
    <div class="columns">
      <div>
        <label for="setting-source_column">Translate from</label>
        <select
          id="setting-source_column"
          title="The column of the file that is translated from"
          value={source_column}
          onChange={(event) => setColumns(Number(event.currentTarget.value), target_column)}
        >
          {options}
        </select>
      </div>
      <button
        type="button"
        class="swap"
        title="The other way round"
        aria-label="Swap direction"
        onClick={swapDirection}
      >
        ⇄
      </button>
      <div>
        <label for="setting-target_column">into</label>
        <select
          id="setting-target_column"
          title="The column of the file that is translated into"
          value={target_column}
          onChange={(event) => setColumns(source_column, Number(event.currentTarget.value))}
        >
          {options}
        </select>
      </div>
    </div>
  );
}
