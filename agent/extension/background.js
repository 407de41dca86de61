// SPDX-License-Identifier: MIT
// Owns what this browser holds: rules against requests, covers over open pages, our page in place of refused ones.
// Two voices say what is shut: the agent, through its native host, for this person; the managed policy, for everybody.
// What either shuts is shut. While nothing is, nothing runs here: no port, no listener, no timer.
"use strict";

const HOST = "holdfast.browser";
const FIREFOX = chrome.runtime.getURL("").startsWith("moz-extension:");
const PAGE = chrome.runtime.getURL("page.html");
const TYPES = ["main_frame", "sub_frame", "stylesheet", "script", "image", "font", "object", "xmlhttprequest", "ping",
  "csp_report", "media", "websocket", "other"].concat(FIREFOX ? [] : ["webtransport", "webbundle"]);
const AGAIN_MS = 1000; // a host that was killed is started again
const AWAKE_MS = 20000; // a worker without a port falls asleep after 30 s
const COVER_MS = 1000; // a page that hangs must not keep the others waiting
const NOTHING = { locked: false, version: 0, blocks: [] };

let fromHost = NOTHING;
let fromPolicy = NOTHING;
let held = NOTHING; // what the rules and covers stand for
let port = null;
let lost = 0; // how often in a row the host went without saying anything
let awake = 0;
let listening = false;
let busy = Promise.resolve();

// What is shut -----------------------------------------------------------------------------------------------------

function joined() {
  const loud = fromHost.locked ? fromHost : fromPolicy;
  const blocks = new Map();
  for (const block of [...fromPolicy.blocks, ...fromHost.blocks]) {
    const same = blocks.get(block.tool);
    const hosts = same ? [...new Set([...same.hosts, ...block.hosts])] : block.hosts;
    blocks.set(block.tool, { ...block, hosts });
  }
  return { ...loud, locked: fromHost.locked || fromPolicy.locked, blocks: [...blocks.values()] };
}

function hostOf(url) {
  try {
    const at = new URL(url);
    return /^(https?|wss?):$/.test(at.protocol) ? at.hostname.replace(/\.$/, "") : "";
  } catch {
    return "";
  }
}

function blockOf(state, url) {
  const host = hostOf(url);
  const within = (address) => host === address || host.endsWith("." + address);
  return host ? state.blocks.find((block) => block.hosts.some(within)) || null : null;
}

function textOf(state, url) {
  const block = blockOf(state, url);
  const { title, why, contact, since, until, council } = state;
  const platforms = (block && block.platforms) || [];
  const messages = (state.messages || []).filter((m) => platforms.includes(m.account.split(":")[0]));
  return { title, why, contact, since, until, council, messages, site: hostOf(url), tool: block ? block.name : "" };
}

function understood(value) {
  const sound = value && typeof value === "object" && typeof value.locked === "boolean" && Array.isArray(value.blocks) &&
    value.blocks.every((b) => b && typeof b.tool === "string" && Array.isArray(b.hosts));
  return sound ? value : null;
}

// Requests ---------------------------------------------------------------------------------------------------------

function rulesFor(state) {
  const hosts = [...new Set(state.blocks.flatMap((block) => block.hosts))];
  if (hosts.length === 0)
    return [];
  return [
    { id: 1, action: { type: "block" }, condition: { requestDomains: hosts, resourceTypes: TYPES } },
    // Wherever a page of theirs sends something: but a person may leave it.
    { id: 2, action: { type: "block" }, condition: { initiatorDomains: hosts, resourceTypes: TYPES.slice(1) } },
  ];
}

async function setRules(state) {
  await chrome.declarativeNetRequest.updateSessionRules({ removeRuleIds: [1, 2], addRules: rulesFor(state) });
}

// Open pages -------------------------------------------------------------------------------------------------------

// In the page's own world: what is open already must not send. A socket that is closed is opened again by its page.
function silence(quiet) {
  const kept = (globalThis[Symbol.for("holdfast")] ||= new Map());
  const classes = ["WebSocket", "RTCDataChannel"].filter((name) => globalThis[name]);
  for (const name of classes) {
    const proto = globalThis[name].prototype;
    if (quiet && !kept.has(name)) {
      kept.set(name, proto.send);
      proto.send = function () {
        this.close();
      };
    } else if (!quiet && kept.has(name)) {
      proto.send = kept.get(name);
      kept.delete(name);
    }
  }
}

async function inFrame(tabId, frameId, text) {
  const target = { tabId, frameIds: [frameId] };
  await chrome.scripting.executeScript({ target, files: ["holding.js"], injectImmediately: true });
  await chrome.scripting.executeScript({ target, injectImmediately: true, args: [text],
    func: (shown) => (shown ? globalThis.holdfast.cover(shown) : globalThis.holdfast.uncover()) });
  await chrome.scripting.executeScript({ target, injectImmediately: true, world: "MAIN", args: [text !== null],
    func: silence });
}

function swap(tabId, url) {
  return chrome.tabs.update(tabId, { url: `${PAGE}#${encodeURIComponent(url)}` }).catch(() => null);
}

// Covered, so that what was typed stays; what cannot be covered gives way to our page, which leads back.
async function holdFrame(tabId, frame, before, now) {
  const shut = blockOf(now, frame.url);
  if (!shut && !blockOf(before, frame.url))
    return;
  try {
    await inFrame(tabId, frame.frameId, shut ? textOf(now, frame.url) : null);
  } catch {
    if (shut && frame.frameId === 0)
      await swap(tabId, frame.url);
  }
}

async function holdTab(tab, before, now) {
  const frames = tab.discarded ? [] : (await chrome.webNavigation.getAllFrames({ tabId: tab.id })) || [];
  await Promise.all(frames.map((frame) => holdFrame(tab.id, frame, before, now)));
}

async function holdTabs(before, now) {
  const tabs = await chrome.tabs.query({});
  const all = Promise.allSettled(tabs.map((tab) => holdTab(tab, before, now)));
  await Promise.race([all, new Promise((done) => setTimeout(done, COVER_MS))]);
  chrome.runtime.sendMessage({ changed: true }).catch(() => null);
}

// Navigation -------------------------------------------------------------------------------------------------------

function tell(message) {
  if (port)
    port.postMessage(message);
}

function onRefused(details) {
  if (details.frameId !== 0 || !blockOf(held, details.url))
    return;
  swap(details.tabId, details.url);
  tell({ tried: hostOf(details.url) });
}

// A page that came without asking the network: out of a cache, or from a worker of its own.
function onArrived(details) {
  if (blockOf(held, details.url))
    holdFrame(details.tabId, details, NOTHING, held);
}

function listen(wanted) {
  if (wanted === listening)
    return;
  const verb = wanted ? "addListener" : "removeListener";
  chrome.webNavigation.onErrorOccurred[verb](onRefused);
  chrome.webNavigation.onCommitted[verb](onArrived);
  listening = wanted;
}

function stayAwake(wanted) {
  if (wanted && !awake)
    awake = setInterval(() => chrome.runtime.getPlatformInfo(() => null), AWAKE_MS);
  if (!wanted && awake) {
    clearInterval(awake);
    awake = 0;
  }
  if (wanted)
    chrome.alarms.create("again", { periodInMinutes: 0.5 });
  else
    chrome.alarms.clear("again");
}

// One change after the other ---------------------------------------------------------------------------------------

async function change() {
  const before = held;
  const now = joined();
  held = now;
  listen(now.blocks.length > 0);
  await setRules(now);
  await holdTabs(before, now);
  await chrome.storage.session.set({ held: now, fromHost });
  stayAwake(now.locked);
}

function apply() {
  busy = busy.then(change).catch((error) => console.error("holdfast:", error));
  return busy;
}

async function readPolicy() {
  const { sites } = await chrome.storage.managed.get("sites").catch(() => ({}));
  let value = null;
  try {
    value = sites ? understood(JSON.parse(sites)) : NOTHING;
  } catch {
    value = null;
  }
  fromPolicy = value || fromPolicy;
}

// The agent --------------------------------------------------------------------------------------------------------

async function onHost(message) {
  const value = understood(message.sites);
  if (!value)
    return;
  lost = 0;
  fromHost = value;
  await apply();
  tell({ told: value.version });
  rest();
}

// Firefox does not say when its managed policy changes: there the port stays, silent.
function rest() {
  if (port && !FIREFOX && !held.locked) {
    const done = port;
    port = null;
    done.disconnect();
  }
}

// Without a host the policy alone says when it is over.
function onLost(which) {
  if (port !== which)
    return;
  port = null;
  lost += 1;
  if (lost > 3 && !fromPolicy.locked && fromHost.locked) {
    fromHost = NOTHING;
    apply();
  }
  if (held.locked && lost <= 3)
    setTimeout(connect, AGAIN_MS);
}

function connect() {
  if (port)
    return;
  const mine = chrome.runtime.connectNative(HOST);
  port = mine;
  mine.onMessage.addListener(onHost);
  mine.onDisconnect.addListener(() => {
    void chrome.runtime.lastError;
    onLost(mine);
  });
}

// What wakes this -------------------------------------------------------------------------------------------------

async function start() {
  const kept = await chrome.storage.session.get(["held", "fromHost"]);
  held = kept.held || NOTHING;
  fromHost = kept.fromHost || NOTHING;
  await readPolicy();
  connect();
  await apply();
}

const started = start();

chrome.storage.onChanged.addListener(async (_changes, area) => {
  if (area !== "managed")
    return;
  await started;
  await readPolicy();
  lost = 0;
  connect();
  await apply();
  rest();
});

chrome.alarms.onAlarm.addListener(async () => {
  await started;
  connect();
});

chrome.runtime.onStartup.addListener(() => null);
chrome.runtime.onInstalled.addListener(() => null);

chrome.runtime.onMessage.addListener((message, sender, answer) => {
  if (sender.id !== chrome.runtime.id || !message.ask)
    return false;
  started.then(() => busy).then(() => answer({ shut: Boolean(blockOf(held, message.ask)), text: textOf(held, message.ask) }));
  return true;
});
