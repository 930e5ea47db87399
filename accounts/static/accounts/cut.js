// An audit as a cut may be wider than a phone: the line through what was read is what is seen first.
document.addEventListener("DOMContentLoaded", () => {
  for (const line of document.querySelectorAll("polyline.cut-line")) {
    const box = line.closest(".scroll");
    const middle = (part) => part.getBoundingClientRect().left + part.getBoundingClientRect().width / 2;
    box.scrollLeft += middle(line) - middle(box);
  }
});
