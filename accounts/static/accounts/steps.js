// A schedule step by step: the arrow keys go to the next and to the previous step, as the two links do.
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, .lines, .timeline");
  if (isTyping || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
    return;
  }
  const links = { ArrowLeft: "step-previous", ArrowRight: "step-next" };
  const link = document.getElementById(links[event.key] || "");
  if (link) {
    event.preventDefault();
    link.click();
  }
});

// Being the scheduler: a number presses the button of that session, u is Undo; the arrow keys go from button to button.
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, .lines, .timeline");
  const presses = document.getElementById("presses");
  if (isTyping || !presses || event.repeat || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
    return;
  }
  const button = presses.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
  const moves = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  const buttons = [...presses.querySelectorAll("button:enabled")];
  const place = buttons.indexOf(document.activeElement);
  if (button) {
    event.preventDefault();
    button.click();
  } else if (event.key in moves && place >= 0) {
    event.preventDefault();
    buttons[(place + moves[event.key] + buttons.length) % buttons.length].focus();
  }
});

// In each source, the line of the chosen step is in sight, or the line at which its session stands. The page stays.
function showLines() {
  for (const box of document.querySelectorAll(".source .lines")) {
    const line = box.querySelector("li.chosen") || box.querySelector("li.at") || box.querySelector("li.begin");
    if (!line) {
      continue;
    }
    box.scrollTop = line.offsetTop - box.offsetTop - box.clientHeight / 3;
  }
}
document.addEventListener("DOMContentLoaded", showLines);
document.addEventListener("htmx:load", showLines);
