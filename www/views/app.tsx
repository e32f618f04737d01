import { lesson } from "../lesson";
import { worksOffline } from "../offline";
import { offer } from "../remote";
import { store } from "../store";
import { DataCard } from "./data";
import { DataDetails } from "./details";
import { DropArea } from "./drop";
import { Header } from "./header";
import { Late } from "./late";
import { LookCard } from "./look";
import { Offer } from "./offer";
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
      <Offer />
      <main class="page">
        <div class="stage">
          <TrainingCard />
          {Card && <Card />}
          {!store.page.value?.looks && <LookCard />}
          <TakeCard />
        </div>
        <div class="inspector">
          {lesson.value && <Late load={() => import("./lesson").then((view) => view.LessonCard)} />}
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
        <p>
          Everything runs in this tab. What you type and load stays on this computer.{" "}
          {worksOffline.value && <span data-testid="offline">The page works offline now.</span>}
        </p>
      </footer>
      <Tray />
      <DropArea />
      {offer.value && <Late load={() => import("./remote").then((view) => view.RemoteDialog)} />}
    </>
  );
}
