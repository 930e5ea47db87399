// What htmx's attributes cannot say for the parts of a page that are reloaded every second.

// A hidden tab does not ask: no reader sees it. (The clock goes on, so it asks again within a second of being shown.)
document.addEventListener("htmx:beforeRequest", (event) => {
  const asksByItself = (event.detail.elt.getAttribute("hx-trigger") || "").startsWith("every");
  if (asksByItself && document.hidden) {
    event.preventDefault();
  }
});

// What a person has scrolled to the side stays there when its part of the page is replaced.
const scrolled = new Map();
document.addEventListener("scroll", ({ target }) => {
  if (target.id && target.isConnected) {
    scrolled.set(target.id, target.scrollLeft);
  }
}, true);
document.addEventListener("htmx:load", () => {
  for (const [id, left] of scrolled) {
    const part = document.getElementById(id);
    if (part) {
      part.scrollLeft = left;
    }
  }
});

// A table that a person has opened stays open when its part of the page is replaced.
const opened = new Set();
document.addEventListener("toggle", ({ target }) => {
  if (target.isConnected && target.open) {
    opened.add(target.id);
  } else if (target.isConnected) {
    opened.delete(target.id);
  }
}, true);
document.addEventListener("htmx:load", () => {
  for (const id of opened) {
    const details = document.getElementById(id);
    if (details) {
      details.open = true;
    }
  }
});

// Old numbers must not look like new ones: where a part that is to be reloaded gets no answer, it says so.
const PATIENCE_S = 5;
let answered = Date.now();
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) {
    answered = Date.now();
  }
});
document.addEventListener("visibilitychange", () => {
  answered = Date.now();
});
setInterval(() => {
  const silence = document.querySelector(".silence");
  if (silence && !document.hidden) {
    const seconds = Math.round((Date.now() - answered) / 1000);
    silence.hidden = seconds < PATIENCE_S;
    silence.querySelector("span").textContent = seconds;
  }
}, 1000);
