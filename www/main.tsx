/** The page's entry: draws it and starts the worker. */

import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { hasSimd } from "./devices";
import { keepOffline } from "./offline";
import { start } from "./store";
import { watchTab } from "./tab";
import { App } from "./views/app";
import { Unsupported } from "./views/unsupported";

const root = document.getElementById("app");
if (!root) throw new Error("index.html has no element #app.");

if (hasSimd()) {
  render(<App />, root);
  watchTab();
  void start().then(keepOffline);
} else {
  render(<Unsupported />, root);
}
