import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { count, short, size, when } from "../format";
import type { KeptRun } from "../storage";
import { MAX_OLD_RUNS, store } from "../store";
import { atRisk, compare, MAX_NAME, MAX_RUNS, measure, openRun, persist, refresh, remove, rename, work } from "../work";
import { Dialog } from "./dialog";

/** The list of kept runs. */
export function Work({ close }: { close(): void }) {
  const runs = work.runs.value;
  const unreadable = work.unreadable.value;
  useEffect(() => {
    void refresh();
    void measure();
  }, []);
  return (
    <Dialog title="Your work" close={close}>
      <div class="work" data-testid="work">
        <p class="muted">
          Networks that you have trained, kept in this browser and nowhere else. A run is saved as it goes on, and when
          you leave the page. The newest {MAX_RUNS} stay; those that you rename stay until you delete them.
        </p>
        {work.trouble.value && <p class="error">{work.trouble.value}</p>}
        {runs.length === 0 && !work.trouble.value && <p>Nothing yet. Train a network, and it will stand here.</p>}
        <ul class="kept">
          {runs.map((run) => (
            <Kept key={run.id} run={run} close={close} />
          ))}
        </ul>
        {unreadable.length > 0 && (
          <p class="kept-line">
            {unreadable.length === 1 ? "One more cannot be read." : `${unreadable.length} more cannot be read.`}
            <button
              type="button"
              title="Deletes the damaged records; there is nothing to be got out of them"
              onClick={() => void remove(unreadable)}
            >
              Delete what cannot be read
            </button>
          </p>
        )}
        <Room />
        {runs.length > 1 && <DeleteAll />}
      </div>
    </Dialog>
  );
}

type Asking = "open" | "rename" | "delete" | undefined;

function Kept({ run, close }: { run: KeptRun; close(): void }) {
  const asking = useSignal<Asking>(undefined);
  const here = store.run.value?.id === run.id;
  const elsewhere = work.elsewhere.value.has(run.id);
  const open = () => {
    close();
    void openRun(run.id);
  };
  return (
    <li data-testid="kept-run">
      <div class="kept-head">
        <h3 dir="auto">{run.name}</h3>
        {here && <span class="badge">on the page</span>}
        {elsewhere && <span class="badge">open in another tab</span>}
      </div>
      <p class="muted">
        {facts(run).map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      {asking.value === undefined && (
        <div class="buttons">
          {!here && (
            <button
              type="button"
              aria-label={`Open ${run.name}`}
              title={
                elsewhere
                  ? "Opens a copy, which goes on by itself"
                  : "Takes the place of what is on the page, with its data and settings"
              }
              disabled={work.opening.value !== undefined}
              onClick={() => {
                if (atRisk.value) asking.value = "open";
                else open();
              }}
            >
              Open
            </button>
          )}
          <button
            type="button"
            aria-label={`Rename ${run.name}`}
            title="Gives it a name of yours; then it does not make way for newer ones"
            onClick={() => (asking.value = "rename")}
          >
            Rename
          </button>
          <button
            type="button"
            aria-label={`Delete ${run.name}`}
            title="Deletes it from this browser"
            onClick={() => (asking.value = "delete")}
          >
            Delete
          </button>
          {!here && <Compare run={run} />}
        </div>
      )}
      {asking.value === "rename" && <Rename run={run} done={() => (asking.value = undefined)} />}
      {asking.value === "delete" && (
        <Sure
          text={here ? "Delete it? It stays on the page, but is not kept any more." : "Delete it for good?"}
          yes="Yes, delete"
          act={() => void remove([run.id])}
          done={() => (asking.value = undefined)}
        />
      )}
      {asking.value === "open" && (
        <Sure
          text="The network on the page is not kept, and would be lost."
          yes="Open all the same"
          act={open}
          done={() => (asking.value = undefined)}
        />
      )}
    </li>
  );
}

/** What the list says of a run. */
function facts({ label, changed, step, score, loss, bytes, data }: KeptRun): string[] {
  const quality = score
    ? `${score.name} ${short(score.value)}`
    : loss === undefined
      ? undefined
      : `loss ${short(loss)}`;
  const own = data.id === undefined ? "" : `, data ${size(data.bytes)}`;
  return [label, when(changed), `step ${count(step)}`, quality, `${size(bytes)}${own}`].filter(
    (fact) => fact !== undefined,
  );
}

function Compare({ run }: { run: KeptRun }) {
  if (store.config.value?.task !== run.task) return null;
  const drawn = store.oldRuns.value.some(({ id }) => id === run.id);
  return (
    <label class="check" title={`Draws its curves beside those of the run on the page; up to ${MAX_OLD_RUNS} at once`}>
      <input
        type="checkbox"
        aria-label={`Compare with ${run.name}`}
        checked={drawn}
        onChange={(event) => void compare(run, event.currentTarget.checked)}
      />
      Show its curves
    </label>
  );
}

function Rename({ run, done }: { run: KeptRun; done(): void }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const name = useSignal(run.name);
  useEffect(() => input.current?.select(), []);
  return (
    <form
      class="kept-line"
      onSubmit={(event) => {
        event.preventDefault();
        void rename(run.id, name.value);
        done();
      }}
    >
      <label for={id} class="hidden">
        Name
      </label>
      <input
        id={id}
        ref={input}
        class="kept-name"
        type="text"
        dir="auto"
        maxLength={MAX_NAME}
        value={name.value}
        onInput={(event) => (name.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          // The list stays open.
          event.preventDefault();
          done();
        }}
      />
      <button type="submit" class="primary">
        Save
      </button>
      <button type="button" onClick={done}>
        Cancel
      </button>
    </form>
  );
}

interface SureProps {
  text: string;
  yes: string;
  act(): void;
  done(): void;
}

/** Asks once more before something is lost. */
function Sure({ text, yes, act, done }: SureProps) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <p class="kept-line" role="alert">
      {text}
      <button
        type="button"
        class="primary"
        ref={button}
        onClick={() => {
          done();
          act();
        }}
      >
        {yes}
      </button>
      <button type="button" onClick={done}>
        Keep
      </button>
    </p>
  );
}

/** How much is in use, and whether it is safe. */
function Room() {
  const refused = useSignal(false);
  const space = work.space.value;
  if (!space) return null;
  return (
    <p class="kept-line" data-testid="room">
      <span class="muted">
        {size(space.usage)} in use of {size(space.quota)} that the browser grants this site.{" "}
        {space.persisted
          ? "The browser has promised not to clear your work by itself."
          : refused.value
            ? "It did not promise to keep your work; it does for sites that are used often, bookmarked or installed."
            : "When the disk is full, it may clear your work."}
      </span>
      {!space.persisted && !refused.value && (
        <button
          type="button"
          title="Asks the browser not to clear this site's data by itself"
          onClick={async () => {
            refused.value = !(await persist());
          }}
        >
          Ask the browser to keep it
        </button>
      )}
    </p>
  );
}

function DeleteAll() {
  const asking = useSignal(false);
  const all = () => [...work.runs.value.map(({ id }) => id), ...work.unreadable.value];
  if (asking.value) {
    return (
      <Sure
        text={`Delete all ${work.runs.value.length} runs for good?`}
        yes="Yes, delete all"
        act={() => void remove(all())}
        done={() => (asking.value = false)}
      />
    );
  }
  return (
    <div class="buttons">
      <button type="button" title="Deletes every run from this browser" onClick={() => (asking.value = true)}>
        Delete all …
      </button>
    </div>
  );
}
