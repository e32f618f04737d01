import { download } from "../download";
import type { Picture } from "../export/picture";
import { notify } from "../notices";

interface SavePictureProps {
  /** The name of the file, without extension. */
  name: string;
  /** What is on it, for people who do not see it: "the attention weights". */
  what: string;
  /** Draws it, as it is now. */
  draw(): Promise<Picture>;
}

/** Two small buttons that save a figure: as pixels, and as a drawing. */
export function SavePicture({ name, what, draw }: SavePictureProps) {
  return (
    <span class="save">
      <button
        type="button"
        class="link"
        title={`Saves ${what} in pixels, for slides and texts`}
        aria-label={`Save ${what} as PNG`}
        onClick={() => void savePicture("png", name, draw)}
      >
        PNG
      </button>
      <button
        type="button"
        class="link"
        title={`Saves ${what} as a drawing that stays sharp at any size`}
        aria-label={`Save ${what} as SVG`}
        onClick={() => void savePicture("svg", name, draw)}
      >
        SVG
      </button>
    </span>
  );
}

/** Saves a drawing as a file of this name, without extension. */
export async function savePicture(kind: "png" | "svg", name: string, draw: () => Promise<Picture>): Promise<void> {
  try {
    const picture = await draw();
    if (kind === "svg") {
      download(picture.svg, `${name}.svg`, "image/svg+xml");
    } else {
      const { png } = await import("../export/picture");
      download(await png(picture), `${name}.png`, "image/png");
    }
  } catch (error) {
    notify("error", "The picture could not be saved", error instanceof Error ? error.message : String(error));
  }
}
