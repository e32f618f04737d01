import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import logo from "../favicon.svg";
import type { DeviceChoice } from "../protocol";
import { pending, setDevice, setTask, store } from "../store";

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
        <Device />
        <CopyLink />
      </div>
    </header>
  );
}

function TaskSwitch() {
  const question = pending.value;
  // While the page asks, the switch stands where it was moved; "Keep" moves it back.
  const task = question?.kind === "task" ? question.config.task : store.config.value?.task;
  const tasks = store.schema.value?.tasks ?? [];
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

function CopyLink() {
  const copied = useSignal(false);
  useEffect(() => {
    if (!copied.value) return;
    const timer = setTimeout(() => {
      copied.value = false;
    }, 2_000);
    return () => clearTimeout(timer);
  }, [copied.value]);
  return (
    <button
      type="button"
      class="quiet"
      title="Copies the address of this page with all settings in it; your data is not in it"
      onClick={async () => {
        await navigator.clipboard.writeText(location.href);
        copied.value = true;
      }}
    >
      <span aria-live="polite">{copied.value ? "Copied" : "Copy link"}</span>
    </button>
  );
}
