"use strict";
// Filters the matrix and opens a cell's words beside it. Without it the page is whole: a cell is a link to its words below.
{
  const form = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const dialog = document.getElementById("cell");
  const inside = document.getElementById("inside");
  const boxes = [...form.querySelectorAll("[name=school]")];
  const rows = [...document.querySelectorAll(".matrix tbody tr")].map((row) => ({
    row,
    cells: [...row.querySelectorAll("td")],
    title: row.querySelector("th").textContent.toLowerCase().replace(/\s+/g, " "),
  }));
  const below = new Map([...document.querySelectorAll(".topic")].map((topic) => [topic.dataset.topic, topic]));
  const rules = new Set(["prohibited", "required", "permitted", "conditional", "advised", "against"]);
  const many = (count, all, one) => `${count < all ? `${count} of ` : ""}${all} ${one}${all === 1 ? "" : "s"}`;

  const apply = () => {
    const wanted = new FormData(form);
    const words = wanted.get("topic").toLowerCase().split(/\s+/);
    const position = wanted.get("position");
    const schools = new Set(wanted.getAll("school"));
    const hidden = new Set();
    for (const { row, cells, title } of rows) {
      const chosen = cells.filter((cell) => schools.has(cell.dataset.school));
      const found = chosen.filter((cell) => !position || cell.dataset.position === position);
      const apart = new Set(chosen.map((cell) => cell.dataset.position).filter((name) => rules.has(name))).size > 1;
      row.hidden = !found.length || !words.every((word) => title.includes(word)) || (wanted.has("differs") && !apart);
      if (row.hidden) hidden.add(row.dataset.topic);
      for (const cell of cells) {
        cell.hidden = !chosen.includes(cell);
        cell.classList.toggle("off", !found.includes(cell));
      }
      below.get(row.dataset.topic).hidden = row.hidden;
      for (const article of below.get(row.dataset.topic).querySelectorAll("article")) {
        article.hidden = !found.some((cell) => cell.dataset.school === article.dataset.school);
      }
    }
    for (const head of document.querySelectorAll(".matrix thead [data-school]")) head.hidden = !schools.has(head.dataset.school);
    for (const item of document.querySelectorAll(".differences li")) item.hidden = hidden.has(item.dataset.topic);
    shown.textContent = `${many(rows.length - hidden.size, rows.length, "topic")}, ${many(schools.size, boxes.length, "school")}`;
  };

  const clear = () => {
    form.reset();
    apply();
  };

  const open = (event) => {
    const link = event.target.closest("td a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const article = document.getElementById(link.hash.slice(1));
    event.preventDefault();
    const topic = article.closest(".topic").querySelector("h3").textContent;
    document.getElementById("of").textContent = topic;
    dialog.setAttribute("aria-label", `${article.querySelector(".name").textContent}: ${topic}`);
    const copy = article.cloneNode(true);
    copy.removeAttribute("id");
    inside.replaceChildren(copy);
    dialog.showModal();
    dialog.scrollTop = 0;
  };

  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector("button").addEventListener("click", clear);
  document.querySelector(".matrix").addEventListener("click", open);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
  addEventListener("hashchange", () => {
    const article = document.getElementById(location.hash.slice(1));
    if (article?.closest("[hidden]")) {
      clear();
      article.scrollIntoView();
    }
  });
  apply(); // a browser may keep what was chosen before a reload
}
