import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { droppedFiles } from "../folders";
import { notify } from "../notices";
import { loadFiles } from "../store";

/** Takes files and folders that are dropped anywhere on the page, and text or files that are pasted outside of a text field. */
export function DropArea() {
  const over = useSignal(false);
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    // Every element that the pointer crosses enters and leaves: only the balance tells when it left the window.
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    addEventListener(
      "dragenter",
      (event) => {
        if (!hasFiles(event)) return;
        depth += 1;
        over.value = true;
      },
      { signal },
    );
    addEventListener(
      "dragleave",
      (event) => {
        if (!hasFiles(event)) return;
        depth = Math.max(0, depth - 1);
        over.value = depth > 0;
      },
      { signal },
    );
    addEventListener(
      "dragover",
      (event) => {
        if (hasFiles(event)) event.preventDefault();
      },
      { signal },
    );
    addEventListener(
      "drop",
      (event) => {
        depth = 0;
        over.value = false;
        if (!event.dataTransfer || !hasFiles(event)) return;
        event.preventDefault();
        void droppedFiles(event.dataTransfer).then(loadDropped, notRead);
      },
      { signal },
    );
    addEventListener(
      "paste",
      (event) => {
        const target = event.target instanceof Element ? event.target.closest("input, textarea") : null;
        if (target) return;
        const files = [...(event.clipboardData?.files ?? [])];
        const text = event.clipboardData?.getData("text/plain") ?? "";
        if (files.length > 0) void loadFiles(files);
        else if (text.trim() !== "") void loadFiles([pastedFile(text)]);
      },
      { signal },
    );
    return () => abort.abort();
  }, [over]);
  if (!over.value) return null;
  return (
    <div class="drop-overlay" data-testid="drop-overlay">
      <p>Drop to load</p>
    </div>
  );
}

function loadDropped(files: File[]): void {
  if (files.length > 0) void loadFiles(files);
  else notify("info", "Nothing to load", "The folder is empty. Drop one with text files in it.");
}

function notRead(): void {
  notify("error", "Not loaded", "The folder could not be read. If it was moved or changed, drop it again.");
}

/** Pasted text as the file that it might have been. */
export function pastedFile(text: string): File {
  return new File([text], "pasted text");
}
