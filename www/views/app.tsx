import { store } from "../store";
import { DataCard } from "./data";
import { DataDetails } from "./details";
import { DropArea } from "./drop";
import { Header } from "./header";
import { LookCard } from "./look";
import { SettingsCard } from "./settings";
import { SummaryCard } from "./summary";
import { TakeCard } from "./take";
import { TaskCard } from "./task";
import { TrainingCard } from "./training";
import { Tray } from "./tray";

/** The whole page: what the network does on the left, what it is made of on the right. */
export function App() {
  const Card = store.page.value?.Card;
  return (
    <>
      <Header />
      <main class="page">
        <div class="stage">
          <TrainingCard />
          {Card && <Card />}
          {!store.page.value?.looks && <LookCard />}
          <TakeCard />
        </div>
        <div class="inspector">
          <TaskCard />
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
