// Grading with the keys O, G, R and I, for who asks for it: off until then, since a key that acts on its own can be
// pressed by mistake or by a voice (WCAG 2.1.4). That it is on is all that this browser remembers.

const KEYS = { o: "outstanding", g: "good", r: "requires_improvement", i: "inadequate" };
const REMEMBERED = "grade-keys";

const part = document.querySelector("[data-grade-keys]");
const help = document.getElementById("grade-keys-help");
const grade = (key) => document.querySelector(`input[type="radio"][name="grade"][value="${KEYS[key]}"]`);

const remembered = () => {
  try {
    return localStorage.getItem(REMEMBERED) === "on";
  } catch {
    return false;
  }
};

const remember = (on) => {
  try {
    localStorage.setItem(REMEMBERED, on ? "on" : "off");
  } catch {
    // A browser that keeps nothing starts with the keys off.
  }
};

const writes = (target) =>
  target.closest("textarea, select, [contenteditable], input:not([type='radio'], [type='checkbox'])") !== null;

// A scheme with other grades has no keys.
if (part && help instanceof HTMLDialogElement && Object.keys(KEYS).every(grade)) {
  const chosen = part.querySelector("input");
  part.hidden = false;
  chosen.checked = remembered();
  chosen.addEventListener("change", () => remember(chosen.checked));
  part.querySelector("button").addEventListener("click", () => help.showModal());
  help.querySelector("button").addEventListener("click", () => help.close());

  document.addEventListener("keydown", (event) => {
    const taken = event.ctrlKey || event.altKey || event.metaKey || event.isComposing;
    if (!chosen.checked || taken || writes(event.target) || document.querySelector("dialog[open]")) {
      return;
    }
    if (event.key === "?") {
      event.preventDefault();
      help.showModal();
    }
    const radio = KEYS[event.key.toLowerCase()] && grade(event.key.toLowerCase());
    if (radio) {
      event.preventDefault();
      radio.focus();
      radio.click();
    }
  });
}
