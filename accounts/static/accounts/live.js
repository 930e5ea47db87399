// What htmx's attributes cannot say for the parts of a page that ask for themselves every second.

// Nobody looks at a hidden tab: it does not ask. (The clock goes on, so it asks again within a second of being shown.)
document.addEventListener("htmx:beforeRequest", (event) => {
  const asksByItself = (event.detail.elt.getAttribute("hx-trigger") || "").startsWith("every");
  if (asksByItself && document.hidden) {
    event.preventDefault();
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
