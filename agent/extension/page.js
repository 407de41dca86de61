// SPDX-License-Identifier: MIT
// Owns our page in place of one that was refused: it shows why, and leads back when that is over.
"use strict";

const wanted = decodeURIComponent(location.hash.slice(1));

function show(text) {
  const main = document.querySelector("main");
  main.replaceChildren(globalThis.holdfast.sheet(text, false));
  document.title = text.title || globalThis.holdfast.say("title");
}

async function look() {
  const said = await chrome.runtime.sendMessage({ ask: wanted }).catch(() => null);
  if (!said || said.shut)
    show(said ? said.text : {});
  else if (/^https?:\/\//.test(wanted))
    location.replace(wanted);
  else
    document.querySelector("main").textContent = globalThis.holdfast.say("nothing");
}

const look_ = new CSSStyleSheet();
look_.replaceSync(globalThis.holdfast.LOOK);
document.adoptedStyleSheets = [look_];
chrome.runtime.onMessage.addListener((message) => {
  if (message.changed)
    look();
});
look();
