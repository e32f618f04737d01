import { useSignal } from "@preact/signals";
import { count } from "../format";
import { standing } from "../lesson";
import { store } from "../store";
import { Late } from "./late";

/** The vectors of the words of any task's network, opened when they are asked for. */
export function LookCard() {
  const open = useSignal(false);
  const tables = store.preview.value?.tables ?? [];
  if (tables.length === 0 || standing("panel:vectors") === "hidden") return null;
  const words = tables.map((table) => `${count(table.words)} ${table.name}`).join(" and ");
  return (
    <section class="card" aria-labelledby="look-title" data-testid="look-card">
      <div class="card-head">
        <h2 id="look-title">Its word vectors</h2>
        <span class="muted">
          {words}, {tables[0]?.size} numbers each
        </span>
      </div>
      <div class="buttons">
        <button type="button" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
          {open.value ? "Close" : "Look at its word vectors"}
        </button>
      </div>
      {open.value && <Late load={() => import("./space").then((view) => view.Space)} />}
    </section>
  );
}
