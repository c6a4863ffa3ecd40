// The small conveniences of the pages on which an audit is written: another finding without a
// new page, questions that are asked only after some answers, a count up to the shortest
// reason, a search among themes. Without JavaScript everything is there and every button works.

const tell = (element) => element.dispatchEvent(new CustomEvent("autosave:changed", { bubbles: true }));

// Another finding, and one fewer

const renumber = (section) => {
  section.querySelectorAll("[data-findings-list] > [data-finding]").forEach((block, place) => {
    block.querySelectorAll("[data-finding-number]").forEach((number) => {
      number.textContent = place + 1;
    });
  });
};

const nextNumber = (section) => {
  const kind = section.dataset.findings;
  const taken = [...section.querySelectorAll(`[data-findings-list] input[name="${kind}"]`)].map((each) => Number(each.value));
  return Math.max(-1, ...taken) + 1;
};

// The list of themes is long, so a new block copies it from the first block of the page.
const themes = document.querySelector("[data-themes]")?.cloneNode(true);

const themesFor = (prefix) => {
  const old = themes.dataset.themes;
  const copy = themes.cloneNode(true);
  const moved = (value) => prefix + value.slice(old.length);
  copy.dataset.themes = prefix;
  copy.open = false;
  copy.querySelectorAll(".govuk-error-message").forEach((error) => error.remove());
  copy.querySelector("[data-chosen-themes]").textContent = "none chosen";
  copy.querySelectorAll("input").forEach((box) => {
    box.checked = false;
    box.defaultChecked = false;
    box.name = moved(box.name);
    box.id = moved(box.id);
  });
  copy.querySelectorAll("label").forEach((label) => {
    label.htmlFor = moved(label.htmlFor);
  });
  return copy;
};

const addFinding = (section) => {
  const pattern = section.querySelector("[data-finding-template]");
  const html = pattern.innerHTML.replaceAll("__number__", nextNumber(section));
  const list = section.querySelector("[data-findings-list]");
  list.insertAdjacentHTML("beforeend", html);
  const block = list.lastElementChild;
  block.querySelector("[data-themes-here]").replaceWith(themesFor(block.dataset.finding));
  searchThemes(block);
  renumber(section);
  block.querySelector("textarea").focus();
};

const removeFinding = (section, block) => {
  const typed = block.querySelector("textarea").value.trim();
  if (typed && !window.confirm(`Remove “${typed.slice(0, 60)}”?`)) {
    return;
  }
  block.remove();
  renumber(section);
  tell(section);
  section.querySelector("h2").focus();
};

document.querySelectorAll("[data-findings]").forEach((section) => {
  section.addEventListener("click", (event) => {
    if (event.target.closest("[data-add-finding]")) {
      event.preventDefault();
      addFinding(section);
    }
    const remove = event.target.closest("[data-remove-finding]");
    if (remove) {
      event.preventDefault();
      removeFinding(section, remove.closest("[data-finding]"));
    }
  });
  section.addEventListener("change", (event) => {
    const list = event.target.closest("[data-themes]");
    if (list && event.target.type === "checkbox") {
      const names = [...list.querySelectorAll("input:checked")].map((each) => each.labels[0].textContent);
      list.querySelector("[data-chosen-themes]").textContent = names.join(", ") || "none chosen";
    }
  });
});

// Searching themes

let searches = 0;

const searchThemes = (root) => {
  root.querySelectorAll("[data-theme-search]").forEach((place) => {
    searches += 1;
    const label = document.createElement("label");
    label.className = "govuk-label";
    label.htmlFor = `theme-search-${searches}`;
    label.textContent = "Find a theme";
    const box = document.createElement("input");
    box.className = "govuk-input";
    box.id = label.htmlFor;
    box.type = "search";
    const count = document.createElement("p");
    count.className = "govuk-visually-hidden";
    count.setAttribute("role", "status");
    const list = place.parentElement;
    box.addEventListener("input", () => {
      const words = box.value.trim().toLowerCase();
      let shown = 0;
      list.querySelectorAll("[data-theme-group]").forEach((group) => {
        const whole = group.querySelector("legend").textContent.toLowerCase().includes(words);
        let any = false;
        group.querySelectorAll("[data-theme]").forEach((theme) => {
          theme.hidden = !(whole || theme.textContent.toLowerCase().includes(words));
          any = any || !theme.hidden;
          shown += theme.hidden ? 0 : 1;
        });
        group.hidden = !any;
      });
      count.textContent = words ? `${shown} themes` : "";
    });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
      }
    });
    place.append(label, box, count);
    place.hidden = false;
  });
};

searchThemes(document);

// Questions that are asked only after some answers

const conditional = [...document.querySelectorAll("[data-show-if]")];

const answersTo = (name) =>
  [...document.querySelectorAll(`[name="${CSS.escape(name)}"]`)]
    .filter((control) => !control.closest("[data-show-if][hidden]"))
    .filter((control) => !["radio", "checkbox"].includes(control.type) || control.checked)
    .map((control) => control.value);

const showAsked = () => {
  conditional.forEach((part) => {
    const wanted = part.dataset.showValues.split(" ");
    part.hidden = !answersTo(part.dataset.showIf).some((answer) => wanted.includes(answer));
  });
};

if (conditional.length) {
  document.addEventListener("change", showAsked);
  // Twice: a question may hang on one that hangs on another.
  showAsked();
  showAsked();
}

// How many characters are still needed

document.querySelectorAll("textarea[data-minimum]").forEach((box) => {
  const least = Number(box.dataset.minimum);
  const note = document.createElement("p");
  note.className = "govuk-hint audit-count";
  note.id = `${box.id}-count`;
  const spoken = document.createElement("p");
  spoken.className = "govuk-visually-hidden";
  spoken.setAttribute("role", "status");
  box.after(note, spoken);
  box.setAttribute("aria-describedby", `${box.getAttribute("aria-describedby") || ""} ${note.id}`.trim());
  let timer = 0;
  const count = () => {
    const length = box.value.replace(/\s+/g, " ").trim().length;
    const needed = least - length;
    note.textContent = needed > 0 ? `${needed} more ${needed === 1 ? "character is" : "characters are"} needed` : "Long enough";
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (document.activeElement === box) {
        spoken.textContent = note.textContent;
      }
    }, 1000);
  };
  box.addEventListener("input", count);
  count();
});

// Another grade keeps the reason and asks for it to be checked

const check = document.querySelector("[data-check-reason]");
const reason = document.querySelector("textarea[name=reason]");

if (check && reason) {
  let written = reason.value;
  document.querySelectorAll("input[name=grade]").forEach((radio) => {
    radio.addEventListener("change", () => {
      check.hidden = !(reason.value.trim() && reason.value === written);
    });
  });
  reason.addEventListener("change", () => {
    written = reason.value;
  });
}
