/** The page's entry: draws it, starts the worker, and keeps the work. */

import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { hasSimd } from "./devices";
import { keepOffline } from "./offline";
import { start } from "./store";
import { watchTab } from "./tab";
import { App } from "./views/app";
import { Unsupported } from "./views/unsupported";
import { startKeeping } from "./work";

const root = document.getElementById("app");
if (!root) throw new Error("index.html has no element #app.");

if (hasSimd()) {
  render(<App />, root);
  watchTab();
  startKeeping();
  const worker = () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  void start(worker).then(keepOffline);
} else {
  render(<Unsupported />, root);
}
