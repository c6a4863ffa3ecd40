// Looks again at a page that waits for a job, and puts in only the part that tells how far it is.
// The address is the page's own; when the job is over the whole page is loaded once more.
const SECONDS = 3;
// A page left open must not keep its reader signed in for ever.
let looks = 200;

async function look() {
  const state = document.getElementById("job-state");
  let fresh = null;
  try {
    const response = await fetch(window.location.href, { headers: { Accept: "text/html" }, redirect: "error" });
    if (response.ok) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      fresh = page.getElementById("job-state");
      if (!fresh || !page.querySelector('script[src*="job-progress"]')) {
        window.location.reload();
        return;
      }
    }
  } catch {
    // The network is away for a moment: look again later.
  }
  if (fresh && state && fresh.textContent !== state.textContent) {
    state.replaceChildren(...fresh.childNodes);
  }
  looks -= 1;
  if (looks > 0) {
    setTimeout(look, SECONDS * 1000);
  }
}

setTimeout(look, SECONDS * 1000);
