import { $, $$ } from "../../core/dom.js";
import { say } from "../../core/i18n.js";
import { shrinkChosen } from "../../core/pictures.js";
import { fault, firstFault, tell } from "./answers.js";
import { Kept } from "./kept.js";
import { rows } from "./rows.js";

const form = $("[data-wizard]");
const questions = $$("[data-question]", form);
const button = (name) => $(`[data-${name}]`, form);
let here = 0;

/** Shows one question; the others wait, hidden, in the same form. */
function show(index, { focus = true } = {}) {
  here = Math.max(0, Math.min(index, questions.length - 1));
  questions.forEach((node, number) => (node.hidden = number !== here));
  button("back").hidden = here === 0;
  button("next").hidden = here === questions.length - 1;
  // A draft goes question by question; an edit of a listed home is saved where it is.
  button("save").hidden = here < questions.length - 1 && "draft" in form.dataset;
  button("next").classList.toggle("button--quiet", !button("save").hidden);
  $("[data-question-count]").textContent =
    questions.length > 1 ? ` · ${say("question %(n)s of %(of)s", { n: here + 1, of: questions.length })}` : "";
  if (focus) $("legend", questions[here]).focus();
  questions[here].dispatchEvent(new CustomEvent("shown", { bubbles: true }));
}

/** At least one box of a question ticked, where it asks for that. */
function oneOf(question) {
  if (!question.matches("[data-one-of]")) return true;
  const fine = Boolean($("input:checked", question));
  $("[data-one-of-error]", question).hidden = fine;
  if (!fine) $("input", question).focus();
  return fine;
}

function check(question) {
  const wrong = firstFault(question);
  if (!wrong) return oneOf(question);
  wrong.closest("details")?.setAttribute("open", "");
  wrong.focus();
  return false;
}

function go(index) {
  history.pushState({ question: index }, "");
  show(index);
}

button("next").addEventListener("click", () => check(questions[here]) && go(here + 1));
button("back").addEventListener("click", () => go(here - 1));
addEventListener("popstate", (event) => show(event.state?.question ?? 0));

// Enter in a field means the next question, not the whole step.
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.matches("textarea, button, summary, a, [type=file]") || here === questions.length - 1) return;
  event.preventDefault();
  button("next").click();
});

// A fault goes as soon as it is mended, and an amount is judged when its field is left.
form.addEventListener("input", ({ target }) => target.matches("[data-faulty]") && !fault(target) && tell(target, ""));
form.addEventListener("focusout", ({ target }) => target.matches?.("[data-amount]") && tell(target, fault(target)));

/** A wrong answer on a screen that is not shown could not be told: go there first. */
form.addEventListener("submit", (event) => {
  const bad = questions.findIndex(
    (question) => firstFault(question) || (question.matches("[data-one-of]") && !$("input:checked", question)),
  );
  if (bad < 0) return;
  event.preventDefault();
  show(bad, { focus: false });
  check(questions[bad]);
});

function windows() {
  const panel = $("[data-windows]", form);
  if (!panel) return;
  const set = () => {
    panel.hidden = !$("[data-windows-on]", form).checked;
    if (!panel.hidden && !$("[data-row]", panel)) $("[data-add]", panel).click();
  };
  form.addEventListener("change", set);
  set();
}

$$("legend", form).forEach((legend) => legend.setAttribute("tabindex", "-1"));
form.noValidate = true;
form.classList.add("wizard--one");
rows(form);
const kept = new Kept(form);
if (!("refused" in form.dataset)) kept.restore();
windows();
const marked = questions.findIndex((question) => $("[aria-invalid=true]", question));
history.replaceState({ question: Math.max(0, marked) }, "");
show(Math.max(0, marked), { focus: false });

// A dish's photo goes with its form, as small as it is needed.
form.addEventListener("change", (event) => event.target.matches("[data-shrink]") && shrinkChosen(event.target));
