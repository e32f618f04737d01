import { useSignal } from "@preact/signals";
import { newVersion, reload } from "../offline";
import { hasProgress, store } from "../store";
import { atRisk, saveNow } from "../work";

/** News of a newer version of the page. It comes when the user wants it, and never by itself into a page that is open. */
export function UpdateNotice() {
  const later = useSignal(false);
  if (!newVersion.value || later.value) return null;
  return (
    <section class="notice question" aria-label="A new version" data-testid="update">
      <div>
        <strong>A new version of Unrolled is ready</strong>
        <p>{sentence()}</p>
      </div>
      <div class="buttons">
        <button
          type="button"
          class="primary"
          title="Keeps your work as it is now, and loads the page again, in the new version"
          onClick={() => void saveNow().then(reload)}
        >
          Reload now
        </button>
        <button
          type="button"
          title="Goes on with this version; the new one comes when the page is opened the next time"
          onClick={() => {
            later.value = true;
          }}
        >
          Later
        </button>
      </div>
    </section>
  );
}

function sentence(): string {
  if (atRisk.value) return "It waits until you choose. The browser does not keep this network: a reload would lose it.";
  if (store.status.value === "running") return "Training goes on, and the new version waits until you choose.";
  if (hasProgress.value) return "Your work is kept, and the new version waits until you choose.";
  return "Reload to have it now. Otherwise it comes when you open the page the next time.";
}
