// For a projector: larger type and wide pictures, kept by this browser until it is switched off.
const KEY = "torn-totals-projector";
const set = (isOn) => {
  document.documentElement.toggleAttribute("data-projector", isOn);
  for (const button of document.querySelectorAll(".projector")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", isOn);
  }
};
const isOn = () => localStorage.getItem(KEY) === "on";
set(isOn()); // before the page is drawn
document.addEventListener("DOMContentLoaded", () => set(isOn()));
document.addEventListener("click", ({ target }) => {
  if (target.closest(".projector")) {
    localStorage.setItem(KEY, isOn() ? "off" : "on");
    set(isOn());
  }
});
