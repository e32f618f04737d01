/** Which device to train on: what the browser offers, and what was asked for. */

import type { DeviceChoice } from "./protocol";

/** A module of one function that uses a SIMD instruction: valid only where the browser has wasm SIMD. */
const SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** Whether this browser can run the crate at all. */
export function hasSimd(): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(SIMD_MODULE);
}

/** What to open, and why it is not the GPU where one would expect that. */
export interface Choice {
  kind: "cpu" | "webgpu";
  /** What the browser says of the GPU: "nvidia ampere". Browsers do not tell everything. */
  name?: string;
  note?: string;
}

/** Chooses the device. Works on the page and in a worker. */
export async function chooseDevice(choice: DeviceChoice): Promise<Choice> {
  if (choice === "cpu") return { kind: "cpu" };
  const forced = choice === "webgpu";
  if (!navigator.gpu) {
    const why = isSecureContext
      ? "This browser has no WebGPU."
      : "Browsers offer WebGPU only over https or on localhost.";
    return { kind: "cpu", note: `${why} Training runs on the CPU.` };
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (!adapter) return { kind: "cpu", note: "WebGPU finds no graphics card here. Training runs on the CPU." };
  if (!forced && isSoftware(adapter)) {
    return { kind: "cpu", note: "WebGPU is only emulated in software here, and the CPU is faster than that." };
  }
  return { kind: "webgpu", name: adapterName(adapter) };
}

function adapterName({ info: { vendor, architecture, device, description } }: GPUAdapter): string {
  return description || device || [vendor, architecture].join(" ").trim();
}

/** Whether an adapter computes on the CPU and only looks like a GPU. */
function isSoftware(adapter: GPUAdapter): boolean {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const name = [vendor, architecture, device, description].join(" ");
  return isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(name);
}
