import { computed } from "@preact/signals";
import { DEMOS } from "../demos";
import { size } from "../format";
import { lesson } from "../lesson";
import { hasProgress, openDemo, store } from "../store";

/** Whether the page has started: a network that was opened before would have to make way again. */
export const canOpen = computed(() => store.preview.value !== undefined || store.previewError.value !== undefined);

/** Beside the invitation to train: the network of the task that is trained already. */
export function DemoOffer() {
  const demo = DEMOS.find(({ task }) => task === store.config.value?.task);
  if (!demo || lesson.value || hasProgress.value || store.status.value !== "idle") return null;
  return (
    <div class="demo-offer" data-testid="demo-offer">
      <p>
        <strong>Or try one that is trained already:</strong> {demo.title}, {demo.score}.
      </p>
      <button
        type="button"
        title={`Opens it: ${size(demo.bytes)} to download, nothing to wait for`}
        disabled={!canOpen.value}
        onClick={() => void openDemo(demo)}
      >
        Try it <span class="muted">{size(demo.bytes)}</span>
      </button>
    </div>
  );
}
