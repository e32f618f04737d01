import { fillInAgain, setSettings, store } from "../store";

/** Chooses the columns to read from and to answer from; choosing the other one's column swaps them. */
function setColumns(source_column: number, target_column: number): void {
  const former = store.config.value;
  if (!former) return;
  if (source_column === target_column) {
    if (source_column === former.source_column) source_column = former.target_column;
    else target_column = former.source_column;
  }
  fillInAgain();
  setSettings({ source_column, target_column });
}

/** Which column is read, and which one is to be written. */
export function Columns({ labels }: { labels: [source: string, target: string] }) {
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
        <label for="setting-source_column">{labels[0]}</label>
        <select
          id="setting-source_column"
          title="The column of the file that the network reads"
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
        onClick={() => setColumns(target_column, source_column)}
      >
        ⇄
      </button>
      <div>
        <label for="setting-target_column">{labels[1]}</label>
        <select
          id="setting-target_column"
          title="The column of the file that the network learns to write"
          value={target_column}
          onChange={(event) => setColumns(source_column, Number(event.currentTarget.value))}
        >
          {options}
        </select>
      </div>
    </div>
  );
}
