// Progressive enhancement only: every page works without it.
for (const button of document.querySelectorAll(".lk-reveal")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  if (!input) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    input.focus();
  });
}
// A second click would send the form twice.
for (const form of document.forms)
  form.addEventListener("submit", () => setTimeout(() => form.querySelectorAll("button[type=submit]").forEach(b => (b.disabled = true))));
