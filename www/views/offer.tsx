import { count, when } from "../format";
import { declineOffer, offer, openRun, work } from "../work";

/** At the top of a new visit: the way back to where the last one ended. */
export function Offer() {
  const run = offer.value;
  if (!run) return null;
  const opening = work.opening.value === run.id;
  return (
    <section class="offer" aria-labelledby="offer-title" data-testid="offer">
      <div>
        <h2 id="offer-title">{opening ? "Opening …" : "Your last work is still here"}</h2>
        <p class="muted" dir="auto">
          {run.label}, {run.name}: step {count(run.step)}
          {run.status === "running" ? ", in training" : ""}, {when(run.changed)}
        </p>
      </div>
      <div class="buttons">
        <button
          type="button"
          class="primary"
          disabled={work.opening.value !== undefined}
          title="Brings back its data, its settings and the network, and goes on as if nothing had been"
          onClick={() => void openRun(run.id)}
        >
          Continue where you were
        </button>
        <button type="button" title="It stays in the list under Your work" onClick={declineOffer}>
          Not now
        </button>
      </div>
    </section>
  );
}
