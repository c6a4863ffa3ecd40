// What a program can see of a page beyond axe; evaluated by tests/access/album.py.
window.looked = (() => {
  const name = (node) => node.outerHTML.replace(/\s+/g, " ").slice(0, 110);
  const shown = (node) => {
    const box = node.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && node.checkVisibility({ visibilityProperty: true });
  };
  const outlined = (node) => {
    const style = getComputedStyle(node);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.backgroundColor, style.borderColor].join();
  };
  // A radio or a checkbox is drawn by its label.
  const looks = (node) => outlined(node) + [...(node.labels || [])].map((label) =>
    outlined(label) + getComputedStyle(label, "::before").boxShadow + getComputedStyle(label, "::before").outline).join();
  const stops = () => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")]
    .filter((node) => !node.disabled && node.tabIndex >= 0 && shown(node));

  // Relative luminance and contrast as WCAG 2.2 defines them.
  const light = (colour) => {
    const [red, green, blue] = colour.match(/[\d.]+/g).slice(0, 3)
      .map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const page = () => {
    const colour = getComputedStyle(document.body).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" ? "rgb(255, 255, 255)" : colour;
  };

  return {
    // What axe does not measure: figures on bars, and the lines and points of a chart on the page.
    charts() {
      const wrong = [];
      for (const text of document.querySelectorAll(".chart text[class^=on-]")) {
        const bar = text.closest("svg").querySelector(".grade-" + text.getAttribute("class").slice(3));
        const found = bar && contrast(getComputedStyle(text).fill, getComputedStyle(bar).fill);
        if (!(found >= 4.5)) wrong.push(`${found} ` + name(text));
      }
      for (const [what, paint, least] of [["line", "stroke", 3], ["target", "stroke", 3], ["limit", "stroke", 3],
        ["frame", "stroke", 3], ["point", "fill", 3], ["value", "fill", 4.5], ["quiet", "fill", 4.5]]) {
        for (const part of document.querySelectorAll(".chart .chart-" + what)) {
          const found = contrast(getComputedStyle(part)[paint], page());
          if (!(found >= least)) wrong.push(`${found} ` + name(part));
        }
      }
      return wrong;
    },
    keyboard() {
      const wrong = [];
      for (const node of document.querySelectorAll("[tabindex]")) {
        if (node.tabIndex > 0) wrong.push("a place in the order of its own: " + name(node));
      }
      for (const node of stops()) {
        document.activeElement.blur();
        const before = looks(node);
        node.focus({ focusVisible: true });
        if (document.activeElement !== node) { wrong.push("cannot be reached: " + name(node)); continue; }
        if (looks(node) === before) wrong.push("focus is not seen: " + name(node));
        node.scrollIntoView({ block: "nearest" });
        const box = node.getBoundingClientRect();
        const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 10));
        const ours = top && (node.contains(top) || top.contains(node) || [...(node.labels || [])].some((l) => l.contains(top)));
        if (top && !ours) wrong.push("focus is covered: " + name(node) + " by " + name(top));
      }
      document.activeElement.blur();
      window.scrollTo(0, 0);
      return wrong;
    },
    // What axe cannot see through: a table that scrolls (its shadow, its pinned column), the bar at the foot of a section,
    // the line of a timeline.
    plain() {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(".app-table-scroll { background: none !important; overflow: visible !important; }"
        + " .app-table-scroll *, .audit-bar { position: static !important; }"
        + " .moj-timeline::before, .moj-timeline__item::before { content: none !important; }");
      document.adoptedStyleSheets = [sheet];
    },
    asItIs() {
      document.adoptedStyleSheets = [];
    },
    space() {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }"
        + " p { margin-bottom: 2em !important; }");
      document.adoptedStyleSheets = [sheet];
    },
    clipped() {
      const wrong = [];
      for (const node of document.querySelectorAll("main *, header *")) {
        const style = getComputedStyle(node);
        if (!["hidden", "clip"].includes(style.overflowY) && !["hidden", "clip"].includes(style.overflowX)) continue;
        if (style.position === "absolute" && node.getBoundingClientRect().width <= 1) continue;
        // What is typed into a box scrolls in it.
        if (node.closest(".govuk-visually-hidden, svg, input, textarea, select")) continue;
        const box = node.getBoundingClientRect();
        for (const part of [node, ...node.querySelectorAll("*")]) {
          if (![...part.childNodes].some((child) => child.nodeType === 3 && child.data.trim())) continue;
          if (part.closest(".govuk-visually-hidden")) continue;
          const text = document.createRange();
          text.selectNodeContents(part);
          const lines = text.getBoundingClientRect();
          if (lines.right > box.right + 2 || lines.bottom > box.bottom + 2) wrong.push(name(part));
        }
      }
      document.adoptedStyleSheets = [];
      return wrong;
    },
    widest() {
      let worst = null;
      let far = document.documentElement.clientWidth;
      for (const node of document.querySelectorAll("body *")) {
        const right = node.getBoundingClientRect().right;
        if (right > far + 1 && !node.closest(".app-table-scroll")) { far = right; worst = node; }
      }
      return worst ? name(worst) : "";
    },
    printed() {
      const wrong = [];
      for (const node of document.querySelectorAll("header nav, footer nav, .govuk-skip-link")) {
        if (shown(node)) wrong.push("still there: " + name(node));
      }
      const heading = document.querySelector("h1");
      if (!heading || !shown(heading)) wrong.push("no heading");
      const dark = getComputedStyle(document.body).backgroundColor;
      if (!["rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"].includes(dark)) wrong.push("background " + dark);
      return wrong;
    },
  };
})();
