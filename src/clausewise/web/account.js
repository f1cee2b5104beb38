// A password is shown while its button says so, and what is shown once can be copied.
for (const button of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", shown);
  });
  field.form.addEventListener("submit", () => { field.type = "password"; });
}
const copy = document.getElementById("ac-copy");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById("ac-shown").textContent);
    document.getElementById("ac-copied").textContent = "Copied.";
  });
}
