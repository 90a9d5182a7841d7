"use strict";
const form = document.getElementById("filter");
const files = Array.from(document.querySelectorAll("details.file"));
const shown = document.getElementById("shown");
const value = name => form.elements[name].value;
function filter() {
  const outcomes = Array.from(form.querySelectorAll("[name=outcome]:checked"), box => box.value);
  const name = value("name").toLowerCase();
  let count = 0;
  for (const file of files) {
    const data = file.dataset;
    const fits = outcomes.includes(data.outcome)
      && (!value("verdict") || value("verdict") === data.verdict)
      && (!value("kind") || value("kind") === data.kind)
      && (!value("rule") || data.unmet.split(" ").includes(value("rule")))
      && (!name || file.querySelector("h3").textContent.toLowerCase().includes(name));
    file.hidden = !fits;
    if (fits) count += 1;
  }
  shown.textContent = count + " of " + files.length + " files shown";
}
function open(all) {
  for (const file of files) if (!all || !file.hidden) file.open = all;
}
form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", event => event.preventDefault());
form.addEventListener("reset", () => setTimeout(filter));
document.getElementById("open").addEventListener("click", () => open(true));
document.getElementById("close").addEventListener("click", () => open(false));
function follow() {
  const file = files.find(one => "#" + one.id === location.hash);
  if (file) { file.hidden = false; file.open = true; file.scrollIntoView(); }
}
addEventListener("hashchange", follow);
let closed = [];
addEventListener("beforeprint", () => { closed = files.filter(file => !file.open); open(true); });
addEventListener("afterprint", () => { for (const file of closed) file.open = false; });
filter();
follow();
