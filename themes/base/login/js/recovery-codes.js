// Ways to keep recovery codes; without JavaScript they can be written down.
const codes = () => [...document.querySelectorAll("#kc-recovery-codes-list li")].map((item, i) => `${i + 1}: ${item.textContent}`).join("\r\n") + "\r\n";
const on = (id, act) => document.getElementById(id).addEventListener("click", act);
document.getElementById("lk-recovery-tools").hidden = false;
on("printRecoveryCodes", () => print());
on("copyRecoveryCodes", () => navigator.clipboard?.writeText(codes()));
on("downloadRecoveryCodes", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([codes()], { type: "text/plain" }));
  link.download = "kc-download-recovery-codes.txt";
  link.click();
  URL.revokeObjectURL(link.href);
});
