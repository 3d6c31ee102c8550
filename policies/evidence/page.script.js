// Runs in the reader's browser, inside of the page. Without it everything can still be read.
(() => {
  const field = document.querySelector("#search");
  const told = document.querySelector("#found");
  const entries = [...document.querySelectorAll("[data-entry]")];
  const groups = [...document.querySelectorAll("[data-group]")];
  const digits = document.documentElement.lang === "bn" ? "০১২৩৪৫৬৭৮৯" : "0123456789";
  const inDigits = (number) => String(number).replace(/\d/g, (digit) => digits[Number(digit)]);

  /** An entry is shown where its own words fit, or those of an entry inside of it. */
  function search() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const entry of entries) {
      const text = entry.textContent.toLowerCase();
      entry.hidden = !words.every((word) => text.includes(word));
      if (!entry.hidden) found += 1;
    }
    for (const group of groups) {
      group.hidden = words.length > 0 && !group.querySelector("[data-entry]:not([hidden])");
      if (group.tagName === "DETAILS") group.open = words.length > 0 && !group.hidden;
    }
    told.textContent = words.length > 0 ? `${inDigits(found)} ${told.dataset.words}` : "";
  }

  /** What a link names may lie in something folded, or be hidden by a search. */
  function reveal() {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) {
      field.value = "";
      search();
    }
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView();
  }

  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 120);
  });
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  // The other language opens at the same place.
  document.querySelector("#other-language").addEventListener("click", (event) => {
    event.currentTarget.hash = location.hash;
  });
  window.addEventListener("hashchange", reveal);
  window.addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details")) fold.open = true;
  });
  reveal();
})();
