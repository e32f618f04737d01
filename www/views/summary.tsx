import { count, size } from "../format";
import { standing } from "../lesson";
import { store } from "../store";
import { Scroll } from "./scroll";

/** The network, layer by layer, as Keras prints it. */
export function SummaryCard() {
  const model = store.preview.value?.model;
  if (!model || standing("panel:layers") === "hidden") return null;
  return (
    <section class="card" aria-labelledby="summary-title" data-testid="summary">
      <div class="card-head">
        <h2 id="summary-title">The network, layer by layer</h2>
        <span class="muted" data-testid="memory">
          needs about {size(model.memory_bytes)} of memory
        </span>
      </div>
      <Scroll label="Layers">
        <table class="layers">
          <thead>
            <tr>
              <th scope="col">Layer</th>
              <th scope="col">Output shape</th>
              <th scope="col" class="number">
                Parameters
              </th>
            </tr>
          </thead>
          <tbody>
            {model.layers.map((layer) => (
              <tr key={layer.name}>
                <th scope="row">
                  {layer.name} <span class="muted">({layer.kind})</span>
                </th>
                <td>{layer.output_shape}</td>
                <td class="number">{count(layer.parameters)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot class="total">
            <tr>
              <th scope="row" colSpan={2}>
                Total
              </th>
              <td class="number" data-testid="parameters">
                {count(model.parameters)}
              </td>
            </tr>
          </tfoot>
        </table>
      </Scroll>
    </section>
  );
}
