/** In the place of the page where the browser cannot run it. */
export function Unsupported() {
  return (
    <main class="unsupported">
      <h1>This browser cannot run Unrolled</h1>
      <p>
        Training here needs WebAssembly SIMD, which came to browsers between 2021 and 2023. It works in Chrome and Edge
        91, Firefox 114 and Safari 16.4, and in all later versions. Please update this browser, or open the page in
        another one.
      </p>
    </main>
  );
}
