"""What is wrong with the layout of a page that a browser shows, or prints."""

# Returns what is wrong with the page that is shown, in words.
LAYOUT = """() => {
  const wrong = [];
  const say = (what, part) => wrong.push(`${what}: ${part.outerHTML.slice(0, 120)}`);
  const all = (selector) => [...document.querySelectorAll(`main ${selector}`)];
  if (document.documentElement.scrollWidth > innerWidth) {
    const scrolls = (part) => part.closest(".scroll, .timeline, .figure");
    const isWide = (part) => part.getBoundingClientRect().right > innerWidth + 1 && !scrolls(part);
    say(`wider than ${innerWidth} pixels`, all("*").find(isWide) ?? document.body);
  }
  for (const svg of all("svg")) {
    if (svg.getAttribute("aria-hidden") === "true") continue;  // a sample in a legend: its name stands beside it
    const name = svg.getAttribute("aria-label") || svg.querySelector(":scope > title")?.textContent;
    const role = svg.querySelector("a") ? "group" : "img";  // links inside an image are hidden from screen readers
    if (svg.getAttribute("role") !== role || !name) say("a picture without a name", svg);
  }
  for (const table of all("table")) {
    if (!table.querySelector("th")) say("a table without headings", table);
    for (const th of table.querySelectorAll("th")) {
      const named = th.querySelector("input[aria-label]");  // the stock lists' box that ticks all
      if (!th.textContent.trim() && !named) say("a heading without text", th);
    }
  }
  // A link among other words is told from them by its underline: by its colour alone, many cannot.
  for (const link of document.querySelectorAll(".breadcrumbs a, main a:not(.button, svg a)")) {
    const sentence = link.closest("p, li, dd, dt, caption, .breadcrumbs, .scroll td");
    if (!sentence || !link.checkVisibility() || link.closest("#changelist-filter, .object-tools, .paginator")) continue;
    const rest = sentence.cloneNode(true);
    for (const part of rest.querySelectorAll("a, button, form, ul, ol, .visually-hidden")) part.remove();
    const isUnderlined = getComputedStyle(link).textDecorationLine.includes("underline");
    if (/[a-z]{2}/i.test(rest.textContent) && !isUnderlined) say("a link that is not underlined", link);
  }
  let level = 0;
  for (const heading of document.querySelectorAll(":is(h1, h2, h3, h4, h5, h6)")) {
    if (!heading.checkVisibility()) continue;
    if (heading.localName[1] > level + 1 && level) say("a level of headings is left out", heading);
    level = Number(heading.localName[1]);
  }
  for (const part of all(".scroll, .timeline, .figure")) {
    if (part.scrollWidth > part.clientWidth && part.tabIndex < 0) say("not scrollable by keyboard", part);
  }
  // On the labs' pages: names may be broken where they are too long, words may not.
  const text = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (text.nextNode()) {
    const {data, parentElement: part} = text.currentNode;
    if (!part.closest(".lab, .board") || !part.checkVisibility()) continue;
    for (const word of data.matchAll(/\\b[a-z]{2,20}\\b/gi)) {
      const range = new Range();
      range.setStart(text.currentNode, word.index);
      range.setEnd(text.currentNode, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => box.top));
      if (lines.size > 1) say(`the word ${word[0]} is broken`, part);
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((part) => part.id);
  wrong.push(...ids.filter((id, place) => ids.indexOf(id) !== place).map((id) => `the id ${id} is there twice`));
  return wrong;
}"""

# Returns what is wrong with the page on paper, in words.
PRINTED = """() => {
  const wrong = [];
  const say = (what, part) => wrong.push(`on paper, ${what}: ${part.outerHTML.slice(0, 120)}`);
  for (const part of document.querySelectorAll("main *")) {
    const style = getComputedStyle(part);
    const isCut = part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1;
    const clips = !["visible", "clip"].includes(style.overflowX) || !["visible", "clip"].includes(style.overflowY);
    const isText = part.checkVisibility() && !part.closest(".visually-hidden, svg, progress");
    if (isText && isCut && clips) say("cut off", part);
    if (part.matches("button, .button, input:not([type=hidden])") && part.checkVisibility()) {
      const isAnswer = part.matches("[type=text], [type=number], [type=radio], [type=checkbox]");
      if (!isAnswer) say("there is a button", part);
    }
  }
  const header = document.querySelector("#header");
  if (header.checkVisibility()) say("there is the header", header);
  if (getComputedStyle(document.body).printColorAdjust !== "exact") say("colours are left out", document.body);
  const ground = getComputedStyle(document.body).backgroundColor;
  if (ground !== "rgb(255, 255, 255)") say(`the ground is ${ground}`, document.body);
  return wrong;
}"""
