"use strict";
// The form of the Compare room: all or none of the schools at once, and what it says while it works. Without it all but that works.
{
  const form = document.getElementById("compare");
  const working = document.getElementById("working");
  const button = form.querySelector("button:not([type])");
  const topics = form.elements.topics;
  const counted = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;

  for (const every of form.querySelectorAll(".cw-every")) every.hidden = false;
  form.addEventListener("click", (event) => {
    const tick = event.target.closest("[data-tick]");
    if (!tick) return;
    for (const box of tick.closest(".cw-group, fieldset").querySelectorAll("[type=checkbox]")) box.checked = tick.dataset.tick === "all";
  });

  // Who picks a list, or types a topic, means it.
  const means = (kind) => () => {
    form.querySelector(`[name=by][value=${kind}]`).checked = true;
  };
  topics.addEventListener("input", means("list"));
  form.elements.topic.addEventListener("input", means("words"));

  form.addEventListener("submit", () => {
    const asked = form.elements.by.value === "list" ? Number(topics.selectedOptions[0].dataset.topics) : 1;
    const schools = form.querySelectorAll("[type=checkbox]:checked").length;
    working.textContent = `Comparing ${counted(asked, "topic")} at ${counted(schools, "school")}…`;
    button.disabled = true;
  });
  // Back from the answer, the browser may show the page as it was left.
  addEventListener("pageshow", () => {
    working.textContent = "";
    button.disabled = false;
  });
}
