import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { notify } from "../notices";
import { hasProgress, store } from "../store";

/** The button that makes one HTML file of the network; its window is loaded on a press. */
export function ExportDemo() {
  const open = useSignal(false);
  const Window = useSignal<ComponentType<{ close(): void }> | undefined>(undefined);
  const close = () => {
    open.value = false;
  };
  const press = async () => {
    try {
      Window.value ??= (await import("./demo")).DemoDialog;
      open.value = true;
    } catch {
      notify(
        "error",
        "The demo cannot be made now",
        "A part of the page could not be downloaded. Check the connection.",
      );
    }
  };
  const ready = hasProgress.value && store.stage.value.name === "ready";
  return (
    <>
      <button
        type="button"
        title="One HTML file that runs this network offline, by a double click, for people who have nothing else"
        disabled={!ready}
        onClick={() => void press()}
      >
        Export demo …
      </button>
      {open.value && Window.value && <Window.value close={close} />}
    </>
  );
}
