// Goes on when every application has been told, or has had its time.
const PATIENCE_MS = 5000;
const next = document.getElementById("continue");
const go = () => location.replace(next.href);
if (next && document.readyState === "complete") {
    go();
} else if (next) {
    addEventListener("load", go);
    setTimeout(go, PATIENCE_MS);
}
