import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface DialogProps {
  title: string;
  /** Called when it is closed: by its button, by Escape, or by a click beside it. */
  close(): void;
  children: ComponentChildren;
}

/** A window above the page. It is open for as long as it is drawn. */
export function Dialog({ title, close, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={close} closedby="any">
      <div class="dialog-body">
        <div class="card-head">
          <h2 id={id}>{title}</h2>
          <button type="button" class="quiet" aria-label={`Close: ${title}`} onClick={() => dialog.current?.close()}>
            ✕
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
