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
// A second click would send the form twice. A page that the browser brings back from its cache can be sent again.
const enable = yes => document.querySelectorAll("button[type=submit]").forEach(button => (button.disabled = !yes));
for (const form of document.forms)
  form.addEventListener("submit", () => setTimeout(() => enable(false)));
addEventListener("pageshow", event => event.persisted && enable(true));
