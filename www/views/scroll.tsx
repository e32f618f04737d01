import type { ComponentChildren } from "preact";

/** A part that may be wider than the window; the keyboard can scroll it too. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the focus, or the keyboard cannot reach its end
    <section class="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
