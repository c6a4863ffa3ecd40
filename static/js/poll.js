// Keeps a part of the page up to date: <div data-poll-url="..." data-poll-seconds="2">.
// The address answers with the same element in its new state; when the answer carries
// no data-poll-url the work is done and asking stops. Without JavaScript the page has a
// link that loads it again.

const follow = (element) => {
  const seconds = Number(element.dataset.pollSeconds) || 2;
  window.setTimeout(async () => {
    let next = element;
    try {
      const answer = await fetch(element.dataset.pollUrl, { cache: "no-store", redirect: "manual" });
      if (answer.status === 401 || answer.type === "opaqueredirect") {
        return;
      }
      if (answer.ok) {
        const template = document.createElement("template");
        template.innerHTML = await answer.text();
        const fresh = template.content.firstElementChild;
        if (fresh && fresh.outerHTML !== element.outerHTML) {
          element.replaceWith(fresh);
          next = fresh;
        }
      }
    } catch {
      // The network is away: ask again.
    }
    if (next.dataset.pollUrl) {
      follow(next);
    }
  }, seconds * 1000);
};

document.querySelectorAll("[data-poll-url]").forEach(follow);
