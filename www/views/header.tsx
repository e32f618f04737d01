import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import logo from "../favicon.svg";
import { isOffered, lesson, standing } from "../lesson";
import type { DeviceChoice } from "../protocol";
import { pending, setDevice, setTask, store } from "../store";
import { Late } from "./late";

/** Name, purpose, the choice of task, the device. */
export function Header() {
  return (
    <header class="header">
      <div class="brand">
        <img class="logo" src={logo} alt="" />
        <div>
          <h1>Unrolled</h1>
          <p>Train a recurrent neural network right here, in this tab.</p>
        </div>
      </div>
      <div class="tools">
        <TaskSwitch />
        {standing("panel:device") !== "hidden" && <Device />}
        {!lesson.value && (
          <DialogButton
            label="Demos"
            title="Networks that are trained already, one for each task"
            load={() => import("./demos").then((view) => view.DemosDialog)}
          />
        )}
        <DialogButton
          label="Your work"
          title="The networks that you have trained, kept in this browser: open, compare, rename or delete them"
          load={() => import("./work").then((view) => view.Work)}
        />
        <DialogButton
          label="Share"
          title="Makes a link to this page: with its settings, the trained network, or a lesson for a class"
          load={() => import("./share").then((view) => view.ShareDialog)}
        />
      </div>
    </header>
  );
}

function TaskSwitch() {
  const question = pending.value;
  // While the page asks, the switch stands where it was moved; "Keep" moves it back.
  const task = question?.kind === "task" ? question.config.task : store.config.value?.task;
  const tasks = store.schema.value?.tasks.filter(({ kind }) => isOffered(kind)) ?? [];
  if (tasks.length === 1) return null;
  return (
    <fieldset class="segments" data-testid="task-switch">
      <legend class="hidden">Task</legend>
      {tasks.map(({ kind, label, help }) => (
        <label key={kind} title={help}>
          <input type="radio" name="task" value={kind} checked={kind === task} onChange={() => setTask(kind)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Device() {
  const device = store.device.value;
  const opening = store.stage.value.name !== "ready";
  const name = device && !opening ? (device.kind === "cpu" ? "CPU" : "GPU") : "Starting …";
  const detail = device ? deviceText() : "The program is being loaded.";
  return (
    <div class="device">
      <label for="device" class="hidden">
        Device
      </label>
      <span class={`dot ${device?.kind ?? ""}`} aria-hidden="true" />
      <span class="device-name" data-testid="device-name" title={detail}>
        {name}
        <span class="hidden">. {detail}</span>
      </span>
      <select
        id="device"
        value={store.deviceChoice.value}
        disabled={standing("panel:device") === "fixed"}
        title="Auto takes the graphics card where there is one"
        onChange={(event) => void setDevice(event.currentTarget.value as DeviceChoice)}
      >
        <option value="auto">Auto</option>
        <option value="webgpu">WebGPU</option>
        <option value="cpu">CPU</option>
      </select>
    </div>
  );
}

/** The device in plain words, with the reason where it is not the GPU. */
export function deviceText(): string {
  const device = store.device.value;
  if (!device) return "";
  const name = device.kind === "cpu" ? "On the CPU" : `On the GPU through WebGPU: ${device.name}`;
  const note = store.deviceNote.value;
  return note ? `${name}. ${note}` : name;
}

interface DialogButtonProps {
  label: string;
  title: string;
  /** Loads the dialog that it opens. */
  load(): Promise<ComponentType<{ close(): void }>>;
}

/** A button that opens a window above the page. */
function DialogButton({ label, title, load }: DialogButtonProps) {
  const open = useSignal(false);
  return (
    <>
      <button
        type="button"
        class="quiet"
        title={title}
        aria-haspopup="dialog"
        disabled={!store.config.value}
        onClick={() => (open.value = true)}
      >
        {label}
      </button>
      {open.value && <Late load={load} close={() => (open.value = false)} />}
    </>
  );
}
