// A schedule step by step, on every page that shows one: by slider, by arrow keys, by its links, or played. The server
// makes the page of each step; of that page, the parts that differ (data-part) are put into this one.
const READING_MS = 1500; // how long a step is shown while the schedule is played
const PARTS_WITH_KEYS_OF_THEIR_OWN = "input, textarea, select, summary, .lines, .timeline";
let request = new AbortController();
let timer = 0; // 0: nothing is played

const slider = () => document.getElementById("step-slider");
const withModifier = (event) => event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;

async function show(step) {
  const { dataset, max } = slider();
  const number = Math.min(Math.max(step, 1), Number(max));
  slider().value = number; // now, so that a key that is pressed meanwhile goes on from there
  const address = new URL(`${dataset.url}${number}${location.hash}`, location.href);
  request.abort(); // of several, the last one counts
  request = new AbortController();
  const { signal } = request;
  try {
    const answer = await fetch(address, { signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || answer.redirected || !page.getElementById("step-slider")) {
      throw new Error("This is no page of a step.");
    }
    replaceParts(page);
    history.replaceState(history.state, "", address);
  } catch {
    if (!signal.aborted) {
      location.assign(address); // to the login, or to what the browser says of a server that is away
    }
  }
}

function replaceParts(page) {
  const focused = document.activeElement.id;
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (fresh) {
      part.replaceChildren(...fresh.childNodes);
    }
  }
  if (focused && document.activeElement === document.body) {
    (document.getElementById(focused) || slider()).focus();
  }
  showLines({ isMoved: true });
}

function play() {
  document.getElementById("step-play").textContent = "Pause";
  timer = setTimeout(async () => {
    const played = timer;
    await show(Number(slider().value) + 1);
    if (played === timer) {
      isAtEnd() ? pause() : play();
    }
  }, READING_MS);
}

function pause() {
  clearTimeout(timer);
  timer = 0;
  const button = document.getElementById("step-play");
  if (button) {
    button.textContent = "Play";
  }
}

const isAtEnd = () => Number(slider().value) >= Number(slider().max);

async function playOrPause() {
  if (timer) {
    pause();
    return;
  }
  if (isAtEnd()) {
    await show(1);
  }
  play();
}

document.addEventListener("input", ({ target }) => {
  if (target === slider()) {
    pause();
    show(Number(target.value));
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("#steps a[href*='step=']");
  if (event.target.closest("#step-play")) {
    playOrPause();
  } else if (link && !withModifier(event)) {
    event.preventDefault();
    pause();
    const byOne = { prev: -1, next: 1 }[link.rel]; // from where the slider is: the page of a click before may be to come
    show(byOne ? Number(slider().value) + byOne : Number(new URL(link.href).searchParams.get("step")));
  }
});

document.addEventListener("keydown", (event) => {
  const isOnSlider = event.target === slider();
  const isElsewhere = event.target.closest(`${PARTS_WITH_KEYS_OF_THEIR_OWN}, #presses div:has([name=press])`);
  if (!slider() || withModifier(event) || (isElsewhere && !isOnSlider)) {
    return;
  }
  const moves = isOnSlider ? {} : { ArrowLeft: -1, ArrowRight: 1 }; // the browser moves a slider that has the focus
  if (event.key in moves) {
    event.preventDefault();
    pause();
    show(Number(slider().value) + moves[event.key]);
  } else if (event.key === " " && !event.repeat && !event.target.closest("button")) {
    event.preventDefault();
    playOrPause();
  }
});

// Being the scheduler: a number presses the button of that session, u is Undo; the arrow keys go from button to button.
document.addEventListener("keydown", (event) => {
  const presses = document.getElementById("presses");
  const isElsewhere = event.target !== slider() && event.target.closest(PARTS_WITH_KEYS_OF_THEIR_OWN);
  if (!presses || isElsewhere || event.repeat || withModifier(event)) {
    return;
  }
  const button = presses.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
  const moves = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  const buttons = [...presses.querySelectorAll("button:enabled")];
  const place = buttons.indexOf(document.activeElement);
  if (button) {
    event.preventDefault();
    button.click();
  } else if (event.key in moves && place >= 0 && !event.defaultPrevented) {
    event.preventDefault();
    buttons[(place + moves[event.key] + buttons.length) % buttons.length].focus();
  }
});

// In each source, the line of the chosen step is in sight, or the line at which its session stands. The page stays.
// While one steps, a box whose line is in sight already stays too; it glides only for those who want motion.
function showLines({ isMoved = false } = {}) {
  const isMotionWanted = matchMedia("(prefers-reduced-motion: no-preference)").matches;
  for (const box of document.querySelectorAll(".source .lines")) {
    const line = box.querySelector("li.chosen") || box.querySelector("li.at") || box.querySelector("li.begin");
    if (!line) {
      continue;
    }
    const top = line.offsetTop - box.offsetTop;
    const isInSight = top >= box.scrollTop && top + line.offsetHeight <= box.scrollTop + box.clientHeight;
    if (!isMoved || !isInSight) {
      box.scrollTo({ top: top - box.clientHeight / 3, behavior: isMoved && isMotionWanted ? "smooth" : "instant" });
    }
  }
}

// Without this script there is no slider and no button: the steps are links.
function begin() {
  for (const player of document.querySelectorAll(".player")) {
    player.hidden = false;
  }
  showLines();
}
document.addEventListener("DOMContentLoaded", begin);
document.addEventListener("htmx:load", begin);
