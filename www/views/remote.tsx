import { size } from "../format";
import { acceptOffer, closeOffer, fileName, type Offer, offer } from "../remote";
import { Dialog } from "./dialog";

/** A link wants a model file fetched: asks, shows how far it is, and says what went wrong. */
export function RemoteDialog() {
  if (!offer.value) return null;
  return (
    <Dialog title="A model from the web" close={closeOffer}>
      <Stage offer={offer.value} />
    </Dialog>
  );
}

function Stage({ offer }: { offer: Offer }) {
  const name = <strong>{fileName(offer.place)}</strong>;
  const host = <strong>{offer.place.url.host}</strong>;
  switch (offer.stage) {
    case "asking":
      return (
        <div class="remote" data-testid="offer">
          <p>
            This link wants to open the model {name} from {host}.
          </p>
          <p class="muted">
            If you go on, {offer.place.url.host} sees the network address of this computer and what is fetched, as with
            any page of the web, and so do hosts that it passes the request on to. Nothing that you typed or loaded is
            sent. A model is data: it can answer wrongly, but it runs no program. Open it if you trust who gave you the
            link.
          </p>
          <p class="muted address">{offer.place.url.href}</p>
          <div class="buttons">
            <button type="button" class="primary" onClick={() => void acceptOffer()}>
              Fetch and open it
            </button>
            <button type="button" onClick={closeOffer}>
              No, thanks
            </button>
          </div>
        </div>
      );
    case "fetching": {
      const { bytes, total } = offer;
      const percent = total === undefined ? undefined : Math.round((100 * bytes) / total);
      return (
        <div class="remote" data-testid="offer">
          <p>
            Fetching {name} from {host}: {size(bytes)}
            {total !== undefined && ` of ${size(total)}`}
          </p>
          <div
            class={percent === undefined ? "bar moving" : "bar"}
            role="progressbar"
            aria-label="Fetching the model"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={percent}
          >
            <div class="fill" style={{ width: `${percent ?? 30}%` }} />
          </div>
          <div class="buttons">
            <button type="button" onClick={closeOffer}>
              Cancel
            </button>
          </div>
        </div>
      );
    }
    case "failed":
      return (
        <div class="remote" data-testid="offer">
          <p class="error" role="alert">
            {offer.message}
          </p>
          <p class="muted address">{offer.place.url.href}</p>
          <div class="buttons">
            <button type="button" onClick={() => void acceptOffer()}>
              Try again
            </button>
            <button type="button" onClick={closeOffer}>
              Close
            </button>
          </div>
        </div>
      );
  }
}
