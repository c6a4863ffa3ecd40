// Saves a form to the server while somebody writes: within three seconds of a pause and on
// leaving a field. <form data-autosave-url="...">, with a hidden `version`, [data-saved] for
// the line that a person reads and [data-saved-spoken] for a screen reader. Nothing is kept in
// the browser. One request is under way at a time; the version for the next one comes from
// the reply. Without JavaScript the form's own buttons save.

const PAUSE = 1500;
const FIRST_RETRY = 2000;
const LAST_RETRY = 30000;
const TOO_LONG = 20000;

const start = (form) => {
  const url = form.dataset.autosaveUrl;
  const line = document.querySelector("[data-saved]");
  const spoken = document.querySelector("[data-saved-spoken]");
  const version = form.elements.namedItem("version");

  let written = 0; // counts changes
  let stored = 0; // the change up to which the server has everything
  let flight = null; // the request under way, as a promise of its outcome
  let timer = 0;
  let retry = FIRST_RETRY;
  let stopped = ""; // "conflict" or "moved": no more saving from this page
  let leaving = false;
  let waiting = false;

  const say = (text, { failed = false, quiet = false, button = null } = {}) => {
    line.textContent = text;
    line.classList.toggle("app-saved--failed", failed);
    if (button) {
      line.append(" ", button);
    }
    if (!quiet && spoken.textContent !== text) {
      spoken.textContent = text;
    }
  };

  const unsaved = () => written > stored;

  const later = (milliseconds) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(save, milliseconds);
  };

  const compareButton = () => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "govuk-button govuk-button--secondary audit-bar__button";
    button.textContent = "Compare the two versions";
    button.addEventListener("click", () => {
      leaving = true;
      form.requestSubmit(form.querySelector("button[name=then][value=stay]"));
    });
    return button;
  };

  const take = (reply) => {
    version.value = reply.version;
    for (const [block, key] of Object.entries(reply.findings || {})) {
      const field = form.elements.namedItem(`${block}-id`);
      if (field) {
        field.value = key;
      }
    }
    const left = document.querySelector("[data-left]");
    if (left && reply.left) {
      left.textContent = reply.left;
    }
    const state = document.querySelector("[data-state]");
    if (state && reply.state_words) {
      state.textContent = reply.state_words;
    }
    const undo = document.querySelector("[data-undo]");
    if (undo && "undo" in reply) {
      undo.hidden = !reply.undo;
    }
    const check = document.querySelector("[data-check-reason]");
    if (check && "check_reason" in reply) {
      check.hidden = !reply.check_reason;
      const ticked = check.querySelector("input");
      if (ticked && check.hidden) {
        ticked.checked = false;
      }
    }
    const faults = reply.errors || [];
    say(faults.length ? `Saved ${reply.saved_at}, except: ${faults.join(". ")}` : `Saved ${reply.saved_at}`, {
      failed: faults.length > 0,
      quiet: faults.length === 0 && retry === FIRST_RETRY && spoken.textContent.startsWith("Saved"),
    });
  };

  // A new security token after somebody signed in again elsewhere; true when there is one.
  const freshToken = async () => {
    try {
      const answer = await fetch(url, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(TOO_LONG) });
      if (!answer.ok) {
        return false;
      }
      const { token } = await answer.json();
      document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((input) => {
        input.value = token;
      });
      return true;
    } catch {
      return false;
    }
  };

  const send = (keepalive) =>
    fetch(url, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      redirect: "manual",
      cache: "no-store",
      keepalive,
      signal: keepalive ? undefined : AbortSignal.timeout(TOO_LONG),
    });

  const attempt = async (keepalive, again = true) => {
    const upTo = written;
    const answer = await send(keepalive);
    if (answer.ok) {
      take(await answer.json());
      stored = upTo;
      retry = FIRST_RETRY;
      return "saved";
    }
    if (answer.status === 401 || answer.type === "opaqueredirect") {
      return "signed-out";
    }
    if (answer.status === 403) {
      if (again && (await freshToken())) {
        return attempt(keepalive, false);
      }
      return "refused";
    }
    if (answer.status === 409) {
      const reply = await answer.json().catch(() => ({}));
      if (reply.moved_on) {
        say(reply.moved_on, { failed: true });
        stopped = "moved";
        return "moved";
      }
      stopped = "conflict";
      return "conflict";
    }
    if (answer.status === 422) {
      const reply = await answer.json().catch(() => ({}));
      say(`Not saved: ${(reply.errors || ["something on this page cannot be stored"]).join(". ")}`, { failed: true });
      return "invalid";
    }
    return answer.status === 404 ? "refused" : "failed";
  };

  const outcome = async (keepalive) => {
    let result;
    try {
      result = await attempt(keepalive);
    } catch {
      result = "failed";
    }
    if (result === "failed") {
      say("Not saved – trying again", { failed: true });
      later(retry);
      retry = Math.min(retry * 2, LAST_RETRY);
    } else if (result === "signed-out") {
      say(
        "You have been signed out. Sign in in another tab, then come back: nothing typed here is lost",
        { failed: true },
      );
      later(15000);
    } else if (result === "refused") {
      say("Not saved. You can no longer change this audit. Copy what you typed before you leave this page", {
        failed: true,
      });
    } else if (result === "conflict") {
      say("Not saved. Somebody changed this while you were writing: nothing typed here is lost.", {
        failed: true,
        button: compareButton(),
      });
    }
    return result;
  };

  const save = async ({ keepalive = false } = {}) => {
    window.clearTimeout(timer);
    if (flight) {
      await flight;
      return unsaved() && !stopped ? save({ keepalive }) : stopped || "saved";
    }
    if (!unsaved() || stopped) {
      return stopped || "saved";
    }
    if (line.textContent !== "Saving…" && !line.classList.contains("app-saved--failed")) {
      say("Saving…", { quiet: true });
    }
    flight = outcome(keepalive);
    const result = await flight;
    flight = null;
    if (unsaved() && result === "saved") {
      later(PAUSE);
    }
    return result;
  };

  const changed = (event) => {
    if (event.target.closest("[data-theme-search]")) {
      return;
    }
    written += 1;
    if (!stopped) {
      later(PAUSE);
    }
  };

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("autosave:changed", changed);
  form.addEventListener("focusout", () => {
    if (unsaved() && !stopped && retry === FIRST_RETRY) {
      save();
    }
  });
  window.addEventListener("focus", () => {
    if (unsaved() && !stopped && line.classList.contains("app-saved--failed")) {
      save();
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && unsaved() && !leaving) {
      save({ keepalive: true });
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && (unsaved() || flight)) {
      event.preventDefault();
    }
  });

  // The buttons wait for what is on its way, and for what was typed since. A conflict goes on to
  // the page that compares; somebody signed out or cut off stays here with their text.
  form.addEventListener("submit", async (event) => {
    if (leaving || (!unsaved() && !flight)) {
      leaving = true;
      return;
    }
    event.preventDefault();
    if (waiting) {
      return;
    }
    waiting = true;
    const result = await save();
    waiting = false;
    if (["saved", "conflict", "invalid", "moved"].includes(result)) {
      leaving = true;
      // After this event: a form that is still sending one ignores a second.
      const button = event.submitter && form.contains(event.submitter) ? event.submitter : undefined;
      window.setTimeout(() => form.requestSubmit(button), 0);
    } else {
      line.scrollIntoView({ block: "nearest" });
    }
  });
  // Back to this page from the browser's memory: its buttons work again.
  window.addEventListener("pageshow", () => {
    leaving = false;
  });

  say("Saved as you write.", { quiet: true });
};

document.querySelectorAll("form[data-autosave-url]").forEach(start);
