/** The curves of one run, thinned out so that a long run costs no more to draw than a short one. */

import type { SessionEvent } from "./protocol";

/** One curve: x in epochs. */
export interface Series {
  x: number[];
  loss: number[];
  accuracy: number[];
}

/** What is drawn of a run. */
export interface Curve {
  train: Series;
  validation: Series;
}

const MAX_POINTS = 600;

/** A curve without points. */
export function emptyCurve(): Curve {
  return { train: { x: [], loss: [], accuracy: [] }, validation: { x: [], loss: [], accuracy: [] } };
}

/** Adds what one event tells. */
export function extend(curve: Curve, event: SessionEvent, steps_per_epoch: number): void {
  const { train, validation } = curve;
  if (event.type === "progress" && event.phase === "training") {
    append(train, event.step / steps_per_epoch, event.loss, event.accuracy);
  } else if (event.type === "epoch" && event.validation) {
    append(validation, event.epoch, event.validation.loss, event.validation.accuracy);
  }
}

function append(series: Series, x: number, loss: number, accuracy: number): void {
  // A loss that is not finite would blow up the axis; the run says in words that it diverged.
  if (!Number.isFinite(loss)) return;
  // After a loss that ran away the run goes on from an earlier step.
  while ((series.x[series.x.length - 1] ?? -1) >= x)
    for (const values of [series.x, series.loss, series.accuracy]) values.pop();
  series.x.push(x);
  series.loss.push(loss);
  series.accuracy.push(accuracy);
  if (series.x.length <= MAX_POINTS) return;
  for (const values of [series.x, series.loss, series.accuracy]) halve(values);
}

/** Puts the mean of every two neighbours in their place. */
function halve(values: number[]): void {
  const half = values.length >> 1;
  for (let i = 0; i < half; i++) values[i] = ((values[2 * i] ?? 0) + (values[2 * i + 1] ?? 0)) / 2;
  values.length = half;
}
