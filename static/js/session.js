// Warns before an idle session ends, and leaves the page when it has ended, so that
// nothing stays on an unattended screen. Saving in the background counts as activity:
// dispatch "session:active" on window after any request that the server answered.

const dialog = document.getElementById("session-warning");

if (dialog instanceof HTMLDialogElement) {
  const lasts = Number(dialog.dataset.sessionSeconds) * 1000;
  const warning = Math.min(Number(dialog.dataset.warningSeconds) * 1000, lasts / 2);
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("session") : null;
  const left = dialog.querySelector("[data-session-left]");
  let ends = Date.now() + lasts;

  const restart = () => {
    ends = Date.now() + lasts;
    if (dialog.open) {
      dialog.close();
    }
  };

  const tell = () => {
    restart();
    channel?.postMessage("active");
  };

  const inWords = (ms) => {
    const minutes = Math.ceil(ms / 60000);
    return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  };

  const tick = () => {
    const remaining = ends - Date.now();
    if (remaining <= 0) {
      // The server sends whoever is signed out to the sign-in page, and back here afterwards.
      window.location.replace(window.location.pathname + window.location.search);
      return;
    }
    if (remaining <= warning) {
      const words = inWords(remaining);
      if (left && left.textContent !== words) {
        left.textContent = words;
      }
      if (!dialog.open) {
        dialog.showModal();
      }
    }
    window.setTimeout(tick, 1000);
  };

  const extend = async () => {
    try {
      const answer = await fetch(dialog.dataset.sessionUrl, { cache: "no-store", redirect: "manual" });
      if (answer.ok) {
        tell();
        return;
      }
    } catch {
      // The network is away: the page cannot be kept alive, and says so by staying open.
      return;
    }
    ends = Date.now();
  };

  dialog.querySelector("[data-session-extend]")?.addEventListener("click", extend);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    extend();
  });
  window.addEventListener("session:active", tell);
  channel?.addEventListener("message", restart);
  channel?.postMessage("active");
  tick();
}
