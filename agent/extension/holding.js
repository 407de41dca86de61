// SPDX-License-Identifier: MIT
// Owns the order and the look of the holding page, whose words are in _locales, alone in a tab or as a cover over an open page.
"use strict";

globalThis.holdfast ||= (() => {
  const NAME = "holdfast-cover";
  const LOOK = `
    :host { all: initial; }
    dialog { box-sizing: border-box; position: fixed; inset: 0; width: 100vw; height: 100vh; max-width: none; max-height: none;
      margin: 0; padding: 0; border: 0; overflow: auto; }
    dialog::backdrop { background: #fff; }
    .sheet { box-sizing: border-box; min-height: 100%; padding: clamp(1rem, 6vw, 4rem); border-top: 12px solid #942514;
      background: #fff; color: #0b0c0c; font: 1.1875rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
    .sheet > div { max-width: 42rem; margin: 0 auto; }
    h1 { font-size: clamp(1.6rem, 5vw, 2.4rem); line-height: 1.2; margin: 0 0 1rem; }
    h1:focus { outline: none; }
    dl { margin: 1.5rem 0; border-top: 1px solid #b1b4b6; }
    dt { font-weight: 700; margin-top: .75rem; }
    dd { margin: 0; padding-bottom: .75rem; border-bottom: 1px solid #b1b4b6; white-space: pre-line; }
    h2 { font-size: 1.25rem; line-height: 1.3; margin: 1.5rem 0 .5rem; }
    blockquote { margin: .75rem 0; padding: .75rem 1rem; border-left: 6px solid #1d70b8; background: #eef4fa;
      white-space: pre-line; }
    .calm { border-left: 6px solid #b1b4b6; padding-left: 1rem; margin: 1.5rem 0; }
    @media (min-width: 40rem) { dl { display: grid; grid-template-columns: 10rem 1fr; }
      dt, dd { margin: 0; padding: .75rem 0; border-bottom: 1px solid #b1b4b6; } }
    @media (prefers-color-scheme: dark) { .sheet { background: #14181a; color: #f3f2f1; border-top-color: #f08a79; }
      dialog::backdrop { background: #14181a; } dl, dd, dt { border-color: #505a5f !important; }
      blockquote { background: #1c2a36; border-left-color: #5694ca; } }
    @media print { .sheet { border-top-color: #000; } }
  `;

  function element(name, text, properties = {}) {
    const made = Object.assign(document.createElement(name), properties);
    if (text)
      made.textContent = text;
    return made;
  }

  // A sentence of _locales; what is in it comes after its name. An extension that was installed anew has left this page.
  function say(name, ...words) {
    try {
      return chrome.i18n.getMessage(name, words.map(String)) || "";
    } catch {
      return "";
    }
  }

  function rows(text) {
    return [[say("what"), text.tool ? say("tool", text.tool, text.site) : text.site], [say("why"), text.why], [say("since"), text.since],
      [say("until"), text.until], [say("contact"), text.contact]].filter(([, value]) => value);
  }

  // What the named poster can do, by how far it is.
  function yours(message) {
    const minutes = message.minutes === 1 ? say("minute") : say("minutes", message.minutes);
    return say("yours_" + message.state, say("where"), minutes) || say("yours_later", say("where"));
  }

  // The council's words for one account, who is to post them, and whether it is done.
  function holding(message) {
    const poster = message.poster_name ? message.poster_name + " (" + message.poster + ")" : message.poster;
    const others = say("others", poster, say("others_" + message.state) || say("others_asked"));
    return [element("h2", say("message_for", message.account)), element("blockquote", message.text),
      element("p", message.you ? yours(message) : others)];
  }

  // The page as it stands: one heading, one sentence, the facts, the messages.
  function sheet(text, typed) {
    const outer = element("div", "", { className: "sheet", lang: say("language") });
    const inner = outer.appendChild(element("div"));
    const alert = inner.appendChild(element("div", "", { role: "alert" }));
    const list = element("dl");
    alert.append(element("h1", text.title || say("title"), { id: "holdfast-title", tabIndex: -1 }), element("p", say("lead")));
    for (const [term, value] of rows(text))
      list.append(element("dt", term), element("dd", value));
    inner.append(list, ...(text.messages || []).flatMap(holding));
    inner.append(element("p", typed ? say("kept") : say("alone"), { className: "calm" }));
    return outer;
  }

  function dress(root) {
    try {
      const look = new CSSStyleSheet();
      look.replaceSync(LOOK);
      root.adoptedStyleSheets = [look];
    } catch {
      root.append(element("style", LOOK));
    }
  }

  let shown = null; // { host, dialog, watch }

  // An extension that was installed anew has covers of its own; those of the one before must not fight with them.
  function left() {
    try {
      return !chrome.runtime.id;
    } catch {
      return true;
    }
  }

  function put() {
    if (!shown)
      return;
    if (left()) {
      uncover();
      return;
    }
    if (!shown.host.isConnected)
      (document.documentElement || document).append(shown.host);
    if (!shown.dialog.open)
      shown.dialog.showModal();
  }

  function make() {
    const host = element(NAME);
    const root = host.attachShadow({ mode: "closed" });
    const dialog = element("dialog", "", { ariaLabel: say("title") });
    dialog.setAttribute("closedby", "none");
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", put);
    dress(root);
    root.append(dialog);
    const watch = new MutationObserver(put);
    return { host, dialog, watch };
  }

  function uncover() {
    const gone = shown;
    shown = null;
    if (gone) {
      gone.watch.disconnect();
      gone.dialog.close();
      gone.host.remove();
    }
    if (!left())
      document.querySelectorAll(NAME).forEach((other) => other.remove());
  }

  function cover(text) {
    if (document.fullscreenElement)
      document.exitFullscreen().catch(() => null);
    if (!shown) {
      document.querySelectorAll(NAME).forEach((other) => other.remove());
      shown = make();
    }
    shown.dialog.replaceChildren(sheet(text, true));
    put();
    shown.watch.observe(document, { childList: true });
    if (document.documentElement)
      shown.watch.observe(document.documentElement, { childList: true });
    shown.dialog.querySelector("h1").focus({ preventScroll: true });
  }

  return { cover, uncover, sheet, say, LOOK };
})();
