import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { notify } from "../notices";

type LateProps<Props> = Props & {
  /** Downloads it. */
  load(): Promise<ComponentType<Props>>;
};

const MISSING = "Check the connection, or reload the page: a newer version may have come out.";

/** A part of the page that is downloaded when it is first drawn. */
export function Late<Props extends object>({ load, ...props }: LateProps<Props>) {
  const Part = useSignal<ComponentType<Props> | undefined>(undefined);
  useEffect(() => {
    const act = () => {
      load().then(
        (part) => {
          Part.value = part;
        },
        () => notify("error", "A part of the page is missing", MISSING, { label: "Try again", act }),
      );
    };
    act();
  }, []);
  return Part.value ? <Part.value {...(props as unknown as Props)} /> : null;
}
