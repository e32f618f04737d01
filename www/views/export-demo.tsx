import { useSignal } from "@preact/signals";
import { hasProgress, store } from "../store";
import { Late } from "./late";

/** The network as a page of its own. `licence`: what the page knows of its licence. */
export function ExportDemo({ licence }: { licence: string }) {
  const open = useSignal(false);
  const ready = hasProgress.value && store.stage.value.name === "ready";
  const close = () => {
    open.value = false;
  };
  return (
    <div class="take-part">
      <h3>As a page of its own</h3>
      <p class="muted">
        One HTML file that runs this network offline, by a double click: for people who have nothing else.
      </p>
      <div class="buttons">
        <button
          type="button"
          title={
            ready ? "Opens a window that says how large the file gets, and what is in it" : "It has not trained yet."
          }
          disabled={!ready}
          onClick={() => (open.value = true)}
        >
          Export demo …
        </button>
      </div>
      {open.value && (
        <Late load={() => import("./demo-dialog").then((view) => view.DemoDialog)} licence={licence} close={close} />
      )}
    </div>
  );
}
