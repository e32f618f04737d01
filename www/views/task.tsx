import { useRef } from "preact/hooks";
import { standing } from "../lesson";
import { choosePreset, info, loadFiles, preset, store } from "../store";

/** What the task is about, and configurations worth starting from. */
export function TaskCard() {
  const task = info.value;
  if (!task || !store.config.value) return null;
  const chosen = task.presets.find(({ name }) => name === preset.value);
  return (
    <section class="card" aria-labelledby="task-title" data-testid="task-card">
      <h2 id="task-title">{task.label}</h2>
      <p class="muted">{task.about}</p>
      {standing("panel:presets") !== "hidden" && (
        <div class="setting">
          <div class="row">
            <label for="preset">Preset</label>
            <select
              id="preset"
              aria-describedby="preset-about"
              value={chosen?.name ?? ""}
              disabled={standing("panel:presets") === "fixed"}
              onChange={(event) => choosePreset(event.currentTarget.value)}
            >
              {!chosen && <option value="">Your own settings</option>}
              {task.presets.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </div>
          <p class="muted" id="preset-about" data-testid="preset-about">
            {chosen?.about ?? "Choose one to take all its settings."}
          </p>
        </div>
      )}
      <OpenModel />
    </section>
  );
}

function OpenModel() {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        title="A .safetensors file that this page saved. It can be dropped anywhere, too."
        onClick={() => picker.current?.click()}
      >
        Open a model …
      </button>
      <input
        ref={picker}
        type="file"
        class="hidden"
        tabIndex={-1}
        accept=".safetensors"
        aria-label="A model file"
        data-testid="model-input"
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // The same file may be chosen again.
          currentTarget.value = "";
          if (files.length > 0) void loadFiles(files);
        }}
      />
    </>
  );
}
