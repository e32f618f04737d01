import type { ModelFacts, Phase } from "../../pkg/unrolled.js";
import { count, duration, percent, short, size } from "../format";
import { standing } from "../lesson";
import {
  hasProgress,
  info,
  MORE_EPOCHS,
  pause,
  type Run,
  restart,
  runShare,
  step,
  store,
  train,
  trainLonger,
  trainOn,
} from "../store";
import { awake, setAwake } from "../tab";
import { Curves } from "./chart";
import { DemoOffer } from "./demo";
import { deviceText } from "./header";

/** The Train button, how far it is, and the curves. */
export function TrainingCard() {
  return (
    <section class="card training" aria-labelledby="training-title" data-testid="training-card">
      <h2 id="training-title" class="hidden">
        Training
      </h2>
      <div class="train-bar">
        <MainButton />
        <div class="train-text">
          <Story />
        </div>
        <SideButtons />
      </div>
      <DemoOffer />
      <Stages />
      <Numbers />
      <Curves />
      <div class="train-foot">
        <span class="muted" data-testid="device-text">
          {deviceText()}
        </span>
        <label class="check" title="The screen stays on while training runs, so that the computer does not fall asleep">
          <input type="checkbox" checked={awake.value} onChange={(event) => setAwake(event.currentTarget.checked)} />
          Keep the screen awake
        </label>
      </div>
    </section>
  );
}

/** One button for what one most likely wants next. */
function MainButton() {
  const status = store.status.value;
  if (store.run.value?.model && status === "stopped") {
    return (
      <Big label="Train on" title="Trains this network further on the data that is loaded" act={trainOn} icon="play" />
    );
  }
  switch (status) {
    case "idle":
      return <Big label="Train" title="Starts training with these settings" act={train} icon="play" />;
    case "starting":
      return (
        <Big
          label="Starting …"
          title="Training starts as soon as everything is loaded"
          act={() => pause()}
          icon="wait"
        />
      );
    case "running":
      return <Big label="Pause" title="Stops after the step that is under way" act={() => pause()} icon="pause" />;
    case "paused":
      return <Big label="Resume" title="Goes on where it stopped" act={train} icon="play" />;
    case "stopped":
    case "finished":
      return (
        <Big
          label="Train longer"
          title={
            standing("epochs") === "shown"
              ? `Goes on from here for ${MORE_EPOCHS} more epochs`
              : "Goes on to the number of epochs that the lesson has fixed"
          }
          disabled={standing("epochs") !== "shown" && status === "finished"}
          act={trainLonger}
          icon="play"
        />
      );
  }
}

const ICONS = {
  play: <path d="M7 4.5v15l12-7.5z" />,
  pause: <path d="M6 4.5h4v15H6zM14 4.5h4v15h-4z" />,
  wait: <path d="M12 4a8 8 0 1 0 8 8h-3a5 5 0 1 1-5-5z" />,
};

interface BigProps {
  label: string;
  title: string;
  act: () => Promise<void>;
  icon: keyof typeof ICONS;
  disabled?: boolean;
}

function Big({ label, title, act, icon, disabled }: BigProps) {
  return (
    <button type="button" class="big" title={title} data-testid="train" disabled={disabled} onClick={() => void act()}>
      <svg viewBox="0 0 24 24" aria-hidden="true" class={icon}>
        {ICONS[icon]}
      </svg>
      {label}
    </button>
  );
}

function SideButtons() {
  const status = store.status.value;
  const going = status === "running" || status === "paused";
  return (
    <div class="buttons">
      <button
        type="button"
        title="Makes one training step, and pauses"
        disabled={
          status === "starting" || status === "finished" || !store.preview.value || store.run.value?.model !== undefined
        }
        onClick={() => void step()}
      >
        Step
      </button>
      <button
        type="button"
        title="Ends this run; the network stays"
        disabled={!going}
        onClick={() => void pause("stopped")}
      >
        Stop
      </button>
      {hasProgress.value && (
        <button type="button" title="Begins again with a new network; the curve stays for comparison" onClick={restart}>
          Start over
        </button>
      )}
    </div>
  );
}

/** What is going on, in a sentence or two. */
function Story() {
  const run = store.run.value;
  return (
    <p class="story" data-testid="story">
      {run && run.step > 0 ? tell(run) : invite()}
    </p>
  );
}

function invite(): string {
  const data = store.preview.value?.data;
  return data && store.page.value
    ? store.page.value.invite(data)
    : "Press Train as soon as you like; the data is being loaded.";
}

/** What there is to say of a model from a file. */
function introduce({ title, data, step, validation }: ModelFacts): string {
  const name = title ? `“${title}”` : "A trained network";
  const trained = `${name} is open: ${count(step)} steps on ${data.name || "data that is not here"}.`;
  const score = validation && store.page.value?.success(validation.scores);
  return `${trained} ${score ?? ""} Try it below, or train it on the data that is loaded here.`;
}

function tell(run: Run): string {
  const { finished, epochs } = run;
  // What another one trained, until it is trained on.
  if (run.from && run.from.step === run.step && (run.model || !run.from.resumable)) return introduce(run.from);
  const last = epochs[epochs.length - 1];
  const status = store.status.value;
  const score = last?.validation && store.page.value?.success(last.validation);
  if (finished && status === "finished") return `${finished.message} ${score ?? ""} Try it below.`;
  // A file may come without the events of its run.
  if (status === "finished")
    return `A trained network is open: ${count(run.step)} steps. Try it below, or train it longer.`;
  if (status === "stopped")
    return `Stopped at step ${count(run.step)}. ${score ?? ""} Try it below, or train it longer.`;
  if (status === "paused") return `Paused at step ${count(run.step)}. ${score ?? ""} Try it below at any time.`;
  if (score && last) return `${count(last.epoch)} ${last.epoch === 1 ? "epoch" : "epochs"} done. ${score}`;
  return "It learns. The loss tells how wrong it is, so the curve should fall.";
}

/** Four stages, each with its own bar. */
function Stages() {
  const { stage, run, status } = { stage: store.stage.value, run: store.run.value, status: store.status.value };
  const at = ["download", "device", "shaders", "ready"].indexOf(stage.name);
  const cpu = store.device.value?.kind === "cpu";
  const started = run !== undefined && run.step > 0;
  const share = run ? (status === "finished" ? 1 : runShare(run)) : 0;
  return (
    <ol class="stages" aria-label="Stages">
      <StageBar
        name="Download"
        detail={stage.name === "download" ? downloaded(stage.bytes, stage.total) : "done"}
        share={at > 0 ? 1 : stage.name === "download" && stage.total ? stage.bytes / stage.total : undefined}
      />
      <StageBar
        name="Device"
        detail={at > 1 ? "open" : at === 1 ? "opening …" : ""}
        share={at > 1 ? 1 : at === 1 ? undefined : 0}
      />
      <StageBar
        name="Shaders"
        detail={at < 2 ? "" : at === 2 ? "compiling and testing …" : cpu ? "not needed" : "tested"}
        share={at > 2 ? 1 : at === 2 ? undefined : 0}
      />
      <StageBar
        name="Training"
        detail={
          started && run
            ? position(run)
            : status === "starting" || status === "running"
              ? "first step …"
              : "not started"
        }
        share={status === "running" && !started ? undefined : share}
        wide
      />
    </ol>
  );
}

function downloaded(bytes: number, total: number | undefined): string {
  return total ? `${size(bytes)} of ${size(total)}` : bytes > 0 ? size(bytes) : "…";
}

/** What the network does besides learning. */
const PHASES: Record<Phase, string> = {
  training: "",
  validating: ", validating",
  scoring: ", answering",
  testing: ", testing",
  test_scoring: ", answering",
  finished: "",
};

/** "epoch 3 of 30, step 812, 1 min 20 s left" */
function position(run: Run): string {
  const { progress, config, step, steps_per_epoch } = run;
  const status = store.status.value;
  const epoch = Math.min(config.epochs, Math.floor(step / steps_per_epoch) + (step % steps_per_epoch === 0 ? 0 : 1));
  const text = `epoch ${count(epoch)} of ${count(config.epochs)}, step ${count(step)}`;
  if (status === "finished") return `done: ${text}`;
  if (!progress || status !== "running") return text;
  const phase = PHASES[progress.phase];
  return `${text}${phase}, ${duration(progress.seconds_left)} left`;
}

interface StageBarProps {
  name: string;
  detail: string;
  /** From 0 to 1; undefined where it is under way and nobody knows how far. */
  share: number | undefined;
  wide?: boolean;
}

function StageBar({ name, detail, share, wide }: StageBarProps) {
  const value = share === undefined ? undefined : Math.round(share * 100);
  return (
    <li class={wide ? "wide" : ""} data-testid={`stage-${name.toLowerCase()}`}>
      <span class="stage-name">
        {name} <span class="muted">{detail}</span>
      </span>
      <div
        class={share === undefined ? "bar moving" : share >= 1 ? "bar done" : "bar"}
        role="progressbar"
        aria-label={`${name} progress`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={value}
      >
        <div class="fill" style={{ width: `${value ?? 30}%` }} />
      </div>
    </li>
  );
}

/** The figures of the run as it is. */
function Numbers() {
  const run = store.run.value;
  const progress = run?.progress;
  const last = run?.epochs[run.epochs.length - 1];
  const validation = last?.validation;
  const test = run?.finished?.test;
  const figures: [name: string, title: string, value: string][] = [
    [
      "Loss",
      "Cross-entropy on the training data, in nats a token: lower is better",
      progress ? progress.loss.toFixed(3) : "–",
    ],
    ["Validation", "The same on data that is never trained on", validation ? validation.loss.toFixed(3) : "–"],
    [
      "Perplexity",
      "Among how many words the network hesitates, on validation data: e to the power of the loss",
      validation ? short(Math.exp(validation.loss)) : "–",
    ],
    [
      "Accuracy",
      "The share of tokens of the validation data that it predicts right",
      validation ? percent(validation.accuracy) : "–",
    ],
  ];
  const score = info.value?.score;
  if (score) figures.push([score.name, score.help, last?.score === undefined ? "–" : short(last.score)]);
  figures.push([
    "Speed",
    "Tokens a second",
    progress?.tokens_per_second ? `${count(progress.tokens_per_second)}/s` : "–",
  ]);
  return (
    <>
      <dl class="facts" data-testid="numbers">
        {figures.map(([name, title, value]) => (
          <div key={name} title={title}>
            <dt>{name}</dt>
            <dd data-testid={`number-${name.toLowerCase()}`}>{value}</dd>
          </div>
        ))}
      </dl>
      {test && (
        <p class="test-score" data-testid="test-score">
          Final score on the test part, looked at only now: loss {test.scores.loss.toFixed(3)}, accuracy{" "}
          {percent(test.scores.accuracy)}
          {score && test.score !== undefined && `, ${score.name} ${short(test.score)}`}.
        </p>
      )}
      <p class="hidden" aria-live="polite">
        {store.status.value === "running" && last ? `Epoch ${last.epoch} done.` : `Training is ${store.status.value}.`}
      </p>
    </>
  );
}
