// Counts what a page asks of the GPU: figures that hold for any GPU, whatever it is slow or fast at.

/**
 * `bound` are the bytes of all buffers that dispatches were given, which they read or write at least once;
 * `uploaded` are bytes.
 * @typedef {{ dispatches: number, bound: number, uploads: number, uploaded: number, readbacks: number, shaders: number }} Counts
 */

/** Runs in the page before any of its code: counts the calls that cost a step something on every GPU. */
export function countGpuCalls() {
  const scope = /** @type {any} */ (globalThis);
  const counts = { dispatches: 0, bound: 0, uploads: 0, uploaded: 0, readbacks: 0, shaders: 0 };
  /** @type {WeakMap<object, number>} */
  const boundBytes = new WeakMap();
  scope.gpuCounts = counts;
  const watch = (
    /** @type {any} */ type,
    /** @type {string} */ method,
    /** @type {(...args: any[]) => void} */ see,
  ) => {
    const original = type.prototype[method];
    type.prototype[method] = function (/** @type {any[]} */ ...args) {
      see(...args);
      return original.apply(this, args);
    };
  };
  const createBindGroup = scope.GPUDevice.prototype.createBindGroup;
  scope.GPUDevice.prototype.createBindGroup = function (/** @type {any} */ descriptor) {
    const group = createBindGroup.call(this, descriptor);
    const sizes = [...descriptor.entries].map(
      ({ resource: { buffer, offset = 0, size } }) => size ?? buffer.size - offset,
    );
    boundBytes.set(
      group,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    return group;
  };
  /** @type {WeakMap<object, number>} */
  const boundNow = new WeakMap();
  const setBindGroup = scope.GPUComputePassEncoder.prototype.setBindGroup;
  scope.GPUComputePassEncoder.prototype.setBindGroup = function (/** @type {any[]} */ ...args) {
    boundNow.set(this, boundBytes.get(args[1]) ?? 0);
    return setBindGroup.apply(this, args);
  };
  for (const method of ["dispatchWorkgroups", "dispatchWorkgroupsIndirect"]) {
    const dispatch = scope.GPUComputePassEncoder.prototype[method];
    scope.GPUComputePassEncoder.prototype[method] = function (/** @type {any[]} */ ...args) {
      counts.dispatches++;
      counts.bound += boundNow.get(this) ?? 0;
      return dispatch.apply(this, args);
    };
  }
  watch(scope.GPUQueue, "writeBuffer", (_buffer, _offset, data, _from, size) => {
    counts.uploads++;
    counts.uploaded += size ?? data.byteLength;
  });
  watch(scope.GPUDevice, "createBuffer", ({ mappedAtCreation, size }) => {
    counts.uploads += mappedAtCreation ? 1 : 0;
    counts.uploaded += mappedAtCreation ? size : 0;
  });
  watch(scope.GPUDevice, "createShaderModule", () => counts.shaders++);
  watch(scope.GPUBuffer, "mapAsync", (mode) => (counts.readbacks += mode & scope.GPUMapMode.READ ? 1 : 0));
}

/**
 * What the work asked of the GPU.
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<unknown>} work
 * @returns {Promise<Counts>}
 */
export async function counted(page, work) {
  await page.evaluate("Object.keys(gpuCounts).forEach((name) => { gpuCounts[name] = 0; })");
  await work();
  return page.evaluate("({ ...gpuCounts })");
}
