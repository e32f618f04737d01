/** The entry of a demo: draws it, and starts its engine with its network. */

import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "../style.css";
import { hasSimd } from "../devices";
import { play } from "../store";
import { Unsupported } from "../views/unsupported";
import { readModel, readNotes, readProgram } from "./demo";
import { EnginePort } from "./port";
import { DemoPage, Empty } from "./views";

const root = document.getElementById("app");
if (!root) throw new Error("template.html has no element #app.");

if (!hasSimd()) render(<Unsupported />, root);
else void open(root);

async function open(root: HTMLElement): Promise<void> {
  const model = await readModel();
  if (!model) {
    document.title = "A demo without a network";
    render(<Empty />, root);
    return;
  }
  const { examples, origin } = readNotes();
  render(<DemoPage origin={origin} />, root);
  const program = await readProgram();
  await play(() => new EnginePort(program), model, examples);
}
