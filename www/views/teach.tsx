import { signal } from "@preact/signals";
import { useId } from "preact/hooks";
import { type Control, type Lesson, lesson, MAX_TEXT, MAX_TITLE, PANELS, type Standing } from "../lesson";
import type { Config, Field } from "../protocol";
import { info, store } from "../store";

/** The lesson that is being written; it stays when the dialog is closed. */
const draft = signal<Lesson>({ title: "", text: "", tasks: [], fixed: [], hidden: [] });

/** The lesson as it was written, for the task that is open. */
export const written = (): Lesson => draft.value;

/** Begins with the lesson that is open, so that it can be changed and passed on. */
export function editOpenLesson(): void {
  if (!lesson.value) return;
  const { title, text, tasks, fixed, hidden } = lesson.value;
  draft.value = { title, text, tasks, fixed, hidden };
}

function change(changes: Partial<Lesson>): void {
  draft.value = { ...draft.value, ...changes };
}

function standingOf(control: Control): Standing {
  if (draft.value.hidden.includes(control)) return "hidden";
  return draft.value.fixed.includes(control) ? "fixed" : "shown";
}

function setStandings(controls: readonly Control[], standing: Standing): void {
  const others = (list: Control[]) => list.filter((control) => !controls.includes(control));
  change({
    fixed: [...others(draft.value.fixed), ...(standing === "fixed" ? controls : [])],
    hidden: [...others(draft.value.hidden), ...(standing === "hidden" ? controls : [])],
  });
}

const GROUPS: Record<Field["group"], string> = {
  data: "Data",
  model: "Network",
  training: "How it trains",
  decoding: "Answering",
};

/** Writes a lesson: its text, the tasks to choose from, and how each control stands. */
export function Teach() {
  const elsewhere = store.page.value?.controlled ?? [];
  const fields = (store.schema.value?.fields ?? []).filter(
    ({ key }) => info.value?.settings.includes(key) && !elsewhere.includes(key),
  );
  const advanced = fields.filter((field) => field.advanced).map(({ key }) => key);
  return (
    <div class="teach" data-testid="teach">
      <label for="lesson-name">Title</label>
      <input
        id="lesson-name"
        type="text"
        dir="auto"
        maxLength={MAX_TITLE}
        value={draft.value.title}
        placeholder="How long does it remember?"
        onInput={(event) => change({ title: event.currentTarget.value })}
      />
      <label for="lesson-words">Text, with an empty line between paragraphs</label>
      <textarea
        id="lesson-words"
        dir="auto"
        rows={5}
        maxLength={MAX_TEXT}
        value={draft.value.text}
        placeholder="Train the network on strings of eight bits. Then ask it about twenty."
        onInput={(event) => change({ text: event.currentTarget.value })}
      />
      <Tasks />
      <h3>Controls</h3>
      <p class="muted">
        Fixed ones are visible and keep the value that they have now. A lesson helps to look at one thing; whoever likes
        can show all controls again.
      </p>
      {advanced.length > 0 && (
        <div class="buttons">
          <button
            type="button"
            class="link"
            title="Only what is there at first sight stays"
            onClick={() => setStandings(advanced, "hidden")}
          >
            Hide all that stands behind “Advanced”
          </button>
          <button type="button" class="link" onClick={() => change({ fixed: [], hidden: [] })}>
            Show everything
          </button>
        </div>
      )}
      {Object.entries(GROUPS).map(([group, title]) => (
        <Controls key={group} title={title} controls={fields.filter((field) => field.group === group)} />
      ))}
      <Controls title="Parts of the page" controls={PANELS} />
    </div>
  );
}

/** Which tasks can be opened: that of the link always can. */
function Tasks() {
  const tasks = store.schema.value?.tasks ?? [];
  const own = store.config.value?.task;
  const chosen = draft.value.tasks.length > 0 ? draft.value.tasks : tasks.map(({ kind }) => kind);
  const toggle = (task: Config["task"], on: boolean) => {
    const next = tasks.map(({ kind }) => kind).filter((kind) => (kind === task ? on : chosen.includes(kind)));
    change({ tasks: next.length === tasks.length ? [] : next });
  };
  return (
    <fieldset class="teach-tasks">
      <legend>Tasks to choose from</legend>
      {tasks.map(({ kind, label }) => (
        <label key={kind} class="check">
          <input
            type="checkbox"
            checked={kind === own || chosen.includes(kind)}
            disabled={kind === own}
            onChange={(event) => toggle(kind, event.currentTarget.checked)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

interface ControlsProps {
  title: string;
  controls: readonly { key: Control; label: string; fixable?: boolean }[];
}

/** Some controls, each shown, fixed or hidden, and all of them at once. */
function Controls({ title, controls }: ControlsProps) {
  if (controls.length === 0) return null;
  const standings = new Set(controls.map(({ key }) => standingOf(key)));
  const [first] = standings;
  const fixable = controls.filter((control) => control.fixable !== false);
  return (
    <details>
      <summary>
        <span class="teach-title">{title}</span> {describe(controls)}
      </summary>
      <div class="teach-controls">
        <Choice
          label={`All of “${title}”`}
          standing={standings.size === 1 ? first : undefined}
          fixable={fixable.length === controls.length}
          choose={(standing) =>
            setStandings(
              controls.map(({ key }) => key),
              standing,
            )
          }
        />
        {controls.map(({ key, label, fixable }) => (
          <Choice
            key={key}
            label={label}
            standing={standingOf(key)}
            fixable={fixable !== false}
            choose={(standing) => setStandings([key], standing)}
          />
        ))}
      </div>
    </details>
  );
}

/** "2 fixed, 5 hidden" */
function describe(controls: ControlsProps["controls"]): string {
  const standings = controls.map(({ key }) => standingOf(key));
  const counted = (["fixed", "hidden"] as const).flatMap((standing) => {
    const count = standings.filter((one) => one === standing).length;
    return count > 0 ? [`${count === controls.length ? "all" : count} ${standing}`] : [];
  });
  return counted.join(", ") || "all shown";
}

interface ChoiceProps {
  label: string;
  /** Undefined where they are of several kinds. */
  standing: Standing | undefined;
  fixable: boolean;
  choose(standing: Standing): void;
}

function Choice({ label, standing, fixable, choose }: ChoiceProps) {
  const id = useId();
  return (
    <div class="row">
      <label for={id}>{label}</label>
      <select id={id} value={standing ?? ""} onChange={(event) => choose(event.currentTarget.value as Standing)}>
        {standing === undefined && <option value="">mixed</option>}
        <option value="shown">shown</option>
        {fixable && <option value="fixed">fixed</option>}
        <option value="hidden">hidden</option>
      </select>
    </div>
  );
}
