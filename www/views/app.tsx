import { store } from "../store";
import { DataCard } from "./data";
import { DataDetails } from "./details";
import { DropArea } from "./drop";
import { Header } from "./header";
import { ParityCard } from "./parity";
import { SamplesCard } from "./samples";
import { SettingsCard } from "./settings";
import { SummaryCard } from "./summary";
import { TrainingCard } from "./training";
import { TranslateCard } from "./translate";
import { Tray } from "./tray";

/** The whole page: what the network does on the left, what it is made of on the right. */
export function App() {
  const parity = store.config.value?.task === "parity";
  return (
    <>
      <Header />
      <main class="page">
        <div class="stage">
          <TrainingCard />
          {parity ? <ParityCard /> : <TranslateCard />}
          {!parity && <SamplesCard />}
        </div>
        <div class="inspector">
          <DataCard />
          <SettingsCard group="model" title="Network" />
          <SettingsCard group="training" title="How it trains" />
        </div>
        <div class="details">
          <DataDetails />
          <SummaryCard />
        </div>
      </main>
      <footer class="footer">
        <p>Everything runs in this tab. What you type and load stays on this computer.</p>
      </footer>
      <Tray />
      <DropArea />
    </>
  );
}
