"use strict";
// Filters the answers and opens the one that is linked to. Without it the page is whole, but for the form.
{
  const form = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const cases = [...document.querySelectorAll(".cases tbody")];
  const texts = new Map();
  const text = (body) => {
    if (!texts.has(body)) texts.set(body, body.textContent.toLowerCase().replace(/\s+/g, " "));
    return texts.get(body);
  };
  const matches = {
    words: (body, value) => value.toLowerCase().split(/\s+/).every((word) => text(body).includes(word)),
    tag: (body, value) => JSON.parse(body.dataset.tag).includes(value),
    outcome: (body, value) => (value === "wrong" ? body.dataset.wrong === "1" : body.dataset.outcome === value),
  };
  const same = (body, value, name) => body.dataset[name] === value;
  const apply = () => {
    const wanted = [...new FormData(form)].filter(([, value]) => value.trim());
    let count = 0;
    for (const body of cases) {
      body.hidden = !wanted.every(([name, value]) => (matches[name] ?? same)(body, value, name));
      count += !body.hidden;
    }
    const all = `${cases.length} answer${cases.length === 1 ? "" : "s"}`;
    shown.textContent = wanted.length ? `${count} of ${all}` : all;
  };
  const clear = () => {
    form.reset();
    apply();
  };
  const open = () => {
    const body = document.getElementById(location.hash.slice(1));
    if (!cases.includes(body)) return;
    if (body.hidden) clear();
    const details = body.querySelector("details");
    details.open = true;
    details.querySelector("summary").focus({ preventScroll: true });
    body.scrollIntoView();
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector("button").addEventListener("click", clear);
  addEventListener("hashchange", open);
  apply(); // a browser may keep what was typed before a reload
  open();
}
