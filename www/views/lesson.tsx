import { closeLesson, isLeft, leaveLesson, lesson } from "../lesson";
import { Scroll } from "./scroll";

/** The lesson beside the controls, as its link has it, and the way out of it. */
export function LessonCard() {
  if (!lesson.value) return null;
  return (
    <section class="card lesson" aria-labelledby="lesson-title" data-testid="lesson">
      <h2 id="lesson-title" dir="auto">
        {lesson.value.title || "Lesson"}
      </h2>
      {lesson.value.text && <Text text={lesson.value.text} />}
      <div class="buttons">
        {isLeft.value ? (
          <span class="muted">All controls are shown.</span>
        ) : (
          <button
            type="button"
            title="Shows and frees what the lesson has hidden or fixed; its text stays"
            onClick={leaveLesson}
          >
            Show all controls
          </button>
        )}
        <button
          type="button"
          class="quiet"
          title="Takes the lesson away; its link opens it again"
          onClick={closeLesson}
        >
          Close the lesson
        </button>
      </div>
    </section>
  );
}

/** Paragraphs, which empty lines divide. */
function Text({ text }: { text: string }) {
  return (
    <Scroll label="The lesson's text">
      {text.split(/\n\s*\n/).map((paragraph, i) => (
        <p key={i} dir="auto">
          {paragraph}
        </p>
      ))}
    </Scroll>
  );
}
