// Shows a field only when the choice that asks for it is chosen: <input data-reveals="id">.
// govuk-frontend's own way puts aria-expanded on radio buttons, where ARIA does not allow it.

const show = (control) => {
  const field = document.getElementById(control.dataset.reveals);
  field?.classList.toggle("govuk-radios__conditional--hidden", !control.checked);
  field?.classList.toggle("govuk-checkboxes__conditional--hidden", !control.checked);
};

const showAll = () => document.querySelectorAll("input[data-reveals]").forEach(show);

document.addEventListener("change", (event) => {
  if (event.target instanceof HTMLInputElement && ["radio", "checkbox"].includes(event.target.type)) {
    showAll();
  }
});
// A page brought back by the browser may hold other answers than the server printed.
window.addEventListener("pageshow", showAll);
