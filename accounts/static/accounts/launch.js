// To write a plan of 100,000 transfers takes seconds: the button says that it was pressed, and is not pressed twice.
document.addEventListener("submit", ({ target }) => {
  const button = target.querySelector("[data-pressed]");
  if (button) {
    setTimeout(() => {
      button.value = button.dataset.pressed;
      button.disabled = true;
    });
  }
});
// A reader who comes back with the browser's button may press again.
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) {
    location.reload();
  }
});
