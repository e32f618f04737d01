import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Series } from "../curve";
import type { Quantity } from "../export/figures";
import type { Picture } from "../export/picture";
import { type OldRun, type Run, store } from "../store";
import { SavePicture } from "./save";

/** Colours of the page for runs that were chosen for comparison, by their place among the runs from before. */
const COMPARED = ["--class-2", "--class-3", "--class-4", "--ink"];

const HEIGHT = 168;
/** The chart is drawn again after so long at the earliest. */
const REDRAW_MS = 250;

/** Loss and accuracy over the epochs, with the runs before in grey and those chosen for comparison in colours. */
export function Curves() {
  const old = store.oldRuns.value;
  const grey = old.filter(({ chosen }) => !chosen).length;
  return (
    <div class="curves" data-testid="curves">
      <Chart quantity="loss" title="Loss" />
      <Chart quantity="accuracy" title="Accuracy" />
      <ul class="legend">
        <li class="train">training</li>
        <li class="validation">validation</li>
        {grey > 0 && <li class="old">{grey === 1 ? "the run before" : `${grey} runs before`}</li>}
        {old.map(
          ({ id, name, chosen }, i) =>
            chosen && (
              <li key={id} class="compared" style={{ "--curve": `var(${COMPARED[i]})` }} dir="auto">
                {name}
              </li>
            ),
        )}
      </ul>
    </div>
  );
}

function Chart({ quantity, title }: { quantity: Quantity; title: string }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const drawn = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const run = store.run.value;
  const old = store.oldRuns.value;

  // A chart is made for a number of earlier runs: each is two series more.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const { chart, remove } = mount(element, options(quantity, old), data(old, store.run.value, quantity));
    plot.current = chart;
    drawn.current = performance.now();
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      remove();
      plot.current = undefined;
    };
  }, [quantity, old]);

  useEffect(() => {
    if (timer.current !== undefined) return;
    const wait = Math.max(0, drawn.current + REDRAW_MS - performance.now());
    timer.current = setTimeout(() => {
      timer.current = undefined;
      drawn.current = performance.now();
      plot.current?.setData(data(store.oldRuns.value, store.run.value, quantity));
    }, wait);
  }, [run, quantity]);

  return (
    <figure class="chart">
      <figcaption>
        {title}
        {run && run.step > 0 && (
          <SavePicture name={quantity} what={`the ${quantity} curves`} draw={() => drawCurves(quantity)} />
        )}
      </figcaption>
      <div ref={box} class="plot" role="img" aria-label={describe(run, quantity, title)} />
    </figure>
  );
}

async function drawCurves(quantity: Quantity): Promise<Picture> {
  const { curves } = await import("../export/figures");
  return curves(store.run.value, store.oldRuns.value, quantity);
}

function describe(run: Run | undefined, quantity: Quantity, title: string): string {
  const last = run?.epochs[run.epochs.length - 1];
  if (!run || !last) return `${title}: no epoch is finished yet.`;
  const validation = last.validation ? `, validation ${last.validation[quantity].toFixed(2)}` : "";
  return `${title} after epoch ${last.epoch}: training ${last.train[quantity].toFixed(2)}${validation}.`;
}

/** All curves on one x axis. */
function data(old: OldRun[], run: Run | undefined, quantity: Quantity): uPlot.AlignedData {
  const table = (series: Series | undefined): uPlot.AlignedData => [
    [...(series?.x ?? [])],
    [...(series?.[quantity] ?? [])],
  ];
  return uPlot.join([...old, run].flatMap((each) => [table(each?.curve.train), table(each?.curve.validation)]));
}

/** Puts a chart into an element, as wide as that is and in the page's colours, also when these change. */
export function mount(
  element: HTMLElement,
  options: Omit<uPlot.Options, "width" | "height">,
  data: uPlot.AlignedData,
): { chart: uPlot; remove: () => void } {
  const chart = new uPlot({ ...options, width: element.clientWidth, height: HEIGHT }, data, element);
  const resize = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
  resize.observe(element);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const recolour = () => chart.redraw();
  scheme.addEventListener("change", recolour);
  const remove = () => {
    scheme.removeEventListener("change", recolour);
    resize.disconnect();
    chart.destroy();
  };
  return { chart, remove };
}

/** A colour of the page as it is now, light or dark. */
export const colour = (name: string) => () => getComputedStyle(document.documentElement).getPropertyValue(name);

/** What all axes have in common. */
export const axis: uPlot.Axis = {
  stroke: colour("--muted"),
  font: "11px system-ui, sans-serif",
  grid: { stroke: colour("--line"), width: 1 },
  ticks: { show: false },
};

/** What all charts have in common. */
export const bare = {
  padding: [8, 8, 0, 0],
  legend: { show: false },
  cursor: { show: false },
} satisfies Partial<uPlot.Options>;

function options(quantity: Quantity, old: OldRun[]): Omit<uPlot.Options, "width" | "height"> {
  const thin = (stroke: string, dash: number[]): uPlot.Series => ({
    stroke: colour(stroke),
    width: 1,
    dash,
    spanGaps: true,
    points: { show: false },
  });
  return {
    ...bare,
    scales: {
      x: { time: false, range: (_, _min, max) => [0, Math.max(max ?? 1, 1)] },
      y: { range: (_, _min, max) => (quantity === "accuracy" ? [0, 1] : [0, Math.max(max ?? 1, 0.1) * 1.05]) },
    },
    axes: [
      {
        ...axis,
        size: 24,
        space: 60,
        values: (_, splits) => splits.map((x) => (Number.isInteger(x) ? String(x) : "")),
      },
      { ...axis, size: 34 },
    ],
    series: [
      {},
      ...old.flatMap(({ chosen }, i) => {
        const stroke = (chosen && COMPARED[i]) || "--curve-old";
        return [thin(stroke, []), thin(stroke, [4, 3])];
      }),
      { stroke: colour("--curve-train"), width: 1.5, spanGaps: true, points: { show: false } },
      { stroke: colour("--curve-validation"), width: 2, spanGaps: true, points: { show: true, size: 4 } },
    ],
  };
}
