// SPDX-License-Identifier: MIT. The first line of such a file is not read.
/*
 * firefox_engine.js - owns what happens inside Firefox: started by it as "autoconfig", told by the agent over a socket.
 * Room: agent/enforce; the agent writes it to /etc/firefox/holdfast.cfg with the paths of this device filled in.
 * Must never open what the lock file blocks because the agent cannot be reached, nor keep a setting after a release.
 */
(function (scope) {
  "use strict";
  const { classes: Cc, interfaces: Ci, results: Cr, utils: Cu } = Components;
  const LOCK = @LOCK@;
  const SOCKET = @SOCKET@;
  const POLICIES = @POLICIES@;
  const THEIRS = @THEIRS@;
  const EXTENSION_ID = "holdfast@holdfast.invalid";
  const RETRY_MS = [200, 500, 1000, 2000]; // only while the agent cannot be reached: so a restart is bridged
  const RARELY_MS = 20000; // when it is away for longer
  const RETRIES = 60;
  const LINGER_MS = 10000;
  const SETTINGS = {
    "network.trr.mode": 5,
    "network.dns.echconfig.enabled": false,
    "devtools.policy.disabled": true,
    "devtools.chrome.enabled": false,
    "devtools.debugger.remote-enabled": false,
    "extensions.experiments.enabled": false,
  };
  // As the council has set them; what a person has set is put aside meanwhile.
  const AS_CONFIGURED = ["type", "autoconfig_url", "http", "http_port", "ssl", "ssl_port", "socks", "socks_port",
    "socks_version", "socks_remote_dns", "socks5_remote_dns", "no_proxies_on"].map(name => "network.proxy." + name);

  let hosts = new Set();
  let settled = false; // policies have been applied, settings can be held
  let floor = false; // the browser's own filter has been given our addresses
  let held = null; // settings as they were before
  let current = "";
  let extension = "";
  let extended = false;
  let leaving = null;
  let link = null;
  let tries = 0;
  let ending = false;
  let waiting = null; // kept, or it would be collected before it is due

  function fileAt(path) {
    const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
    file.initWithPath(path);
    return file;
  }

  function bytesOf(path) {
    const stream = Cc["@mozilla.org/network/file-input-stream;1"].createInstance(Ci.nsIFileInputStream);
    stream.init(fileAt(path), -1, 0, 0);
    const binary = Cc["@mozilla.org/binaryinputstream;1"].createInstance(Ci.nsIBinaryInputStream);
    binary.setInputStream(stream);
    const bytes = binary.readBytes(binary.available());
    stream.close();
    return bytes;
  }

  function documentAt(path) {
    try {
      return JSON.parse(decodeURIComponent(escape(bytesOf(path))));
    } catch (error) {
      return null;
    }
  }

  function uid() {
    const { ctypes } = ChromeUtils.importESModule("resource://gre/modules/ctypes.sys.mjs");
    const libc = ctypes.open("libc.so.6");
    const value = libc.declare("getuid", ctypes.default_abi, ctypes.uint32_t)();
    libc.close();
    return value;
  }

  // What is refused -------------------------------------------------------------------------------------------------

  function isBlocked(host) {
    let name = host.toLowerCase().replace(/\.+$/, "");
    for (;;) {
      if (hosts.has(name)) {
        return true;
      }
      const dot = name.indexOf(".");
      if (dot < 0) {
        return false;
      }
      name = name.slice(dot + 1);
    }
  }

  const requests = {
    observe(subject) {
      const channel = subject.QueryInterface(Ci.nsIHttpChannel);
      if (hosts.size > 0 && isBlocked(channel.URI.host)) {
        channel.cancel(Cr.NS_ERROR_BLOCKED_BY_POLICY);
      }
    },
  };

  // The browser's own filter has the page that says so; it also sees what a service worker would answer. What the agent
  // has put into it for everybody is taken out again where it is open for this person.
  function filter() {
    const { WebsiteFilter } = ChromeUtils.importESModule("resource:///modules/policies/WebsiteFilter.sys.mjs");
    const doc = documentAt(POLICIES) ?? {};
    const ours = doc.holdfast ?? { added: [], dropped: [] };
    if (hosts.size == 0 && !floor && !doc.holdfast) {
      return;
    }
    const said = doc.policies?.WebsiteFilter ?? {};
    const wanted = typeof said == "string" ? JSON.parse(said) : said;
    const open = pattern => ours.added.includes(pattern) && !isBlocked(pattern.slice("*://*.".length, -"/*".length));
    const block = (wanted.Block ?? []).filter(pattern => !open(pattern));
    const exceptions = [...(wanted.Exceptions ?? []), ...(hosts.size == 0 ? ours.dropped : [])];
    WebsiteFilter._exceptionsPatterns = undefined;
    WebsiteFilter.init(block, exceptions);
    const shown = Services.policies.getActivePolicies();
    if (shown && block.length + exceptions.length > 0) {
      shown.WebsiteFilter = { Block: block, Exceptions: exceptions };
    } else if (shown) {
      delete shown.WebsiteFilter;
    }
    floor = hosts.size > 0 || Boolean(doc.holdfast);
  }

  // Settings --------------------------------------------------------------------------------------------------------

  function defaultOf(name) {
    const branch = Services.prefs.getDefaultBranch("");
    try {
      switch (Services.prefs.getPrefType(name)) {
        case Ci.nsIPrefBranch.PREF_BOOL:
          return branch.getBoolPref(name);
        case Ci.nsIPrefBranch.PREF_INT:
          return branch.getIntPref(name);
        case Ci.nsIPrefBranch.PREF_STRING:
          return branch.getStringPref(name);
      }
    } catch (error) {
      // A setting without a default: a person's own.
    }
    return undefined;
  }

  function setDefault(name, value) {
    const branch = Services.prefs.getDefaultBranch("");
    if (typeof value == "boolean") {
      branch.setBoolPref(name, value);
    } else if (typeof value == "number") {
      branch.setIntPref(name, value);
    } else {
      branch.setStringPref(name, value);
    }
  }

  function empty(name) {
    const type = Services.prefs.getPrefType(name);
    return type == Ci.nsIPrefBranch.PREF_INT ? 0 : type == Ci.nsIPrefBranch.PREF_BOOL ? false : "";
  }

  function holdOne(name, value) {
    const before = { name, locked: Services.prefs.prefIsLocked(name), value: defaultOf(name), ours: value };
    Services.prefs.unlockPref(name);
    if (value === undefined && before.value === undefined) {
      before.ours = empty(name);
    }
    if (before.ours !== undefined) {
      setDefault(name, before.ours);
    }
    Services.prefs.lockPref(name);
    return before;
  }

  function putBackOne(before) {
    const { name, locked, value, ours } = before;
    const untouched = ours === undefined || defaultOf(name) === ours;
    Services.prefs.unlockPref(name);
    if (value !== undefined && ours !== undefined && untouched) {
      setDefault(name, value);
    }
    if (locked) {
      Services.prefs.lockPref(name);
    }
  }

  function after(work, ms) {
    const one = Cc["@mozilla.org/timer;1"].createInstance(Ci.nsITimer);
    one.initWithCallback({ notify: () => safely(work) }, ms, Ci.nsITimer.TYPE_ONE_SHOT);
    return one;
  }

  function safely(work, ...rest) {
    try {
      return work(...rest);
    } catch (error) {
      Cu.reportError(error);
      return null;
    }
  }

  function settings() {
    if (hosts.size > 0 && !held && settled) {
      held = [...AS_CONFIGURED.map(name => [name, undefined]), ...Object.entries(SETTINGS)]
        .map(([name, value]) => safely(holdOne, name, value))
        .filter(Boolean);
    } else if (hosts.size == 0 && held) {
      held.forEach(before => safely(putBackOne, before));
      held = null;
    }
  }

  // Who drives a browser by a program must not reach this part of it while something is blocked.
  function automation() {
    const { RemoteAgent } = ChromeUtils.importESModule("chrome://remote/content/components/RemoteAgent.sys.mjs");
    if (hosts.size > 0) {
      Object.defineProperty(RemoteAgent, "allowSystemAccess", { get: () => false, set() {}, configurable: true });
    } else {
      delete RemoteAgent.allowSystemAccess;
    }
  }

  // The extension shows the holding page. Whoever removes it has it again with the next word of the agent. It goes when
  // it has had time to put pages back: while nothing is blocked nothing of it runs.
  async function extend() {
    if (hosts.size == 0) {
      later();
      return;
    }
    if (!extension || !fileAt(extension).exists()) {
      return;
    }
    const { AddonManager } = ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs");
    const { ExtensionPermissions } = ChromeUtils.importESModule("resource://gre/modules/ExtensionPermissions.sys.mjs");
    const there = await AddonManager.getAddonByID(EXTENSION_ID);
    if (there?.isActive) {
      return;
    }
    const granted = { permissions: ["internal:privateBrowsingAllowed"], origins: ["<all_urls>"], data_collection: [] };
    await ExtensionPermissions.add(EXTENSION_ID, granted);
    await AddonManager.installTemporaryAddon(fileAt(extension));
    extended = true;
  }

  async function withdraw() {
    const { AddonManager } = ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs");
    const there = extended && hosts.size == 0 ? await AddonManager.getAddonByID(EXTENSION_ID) : null;
    if (there?.temporarilyInstalled) {
      extended = false;
      await there.uninstall();
    }
  }

  function later() {
    if (extended && !leaving) {
      leaving = after(() => {
        leaving = null;
        withdraw().catch(Cu.reportError);
      }, LINGER_MS);
    }
  }

  // What the agent says ---------------------------------------------------------------------------------------------

  function take(doc) {
    const me = uid();
    const mine = (doc?.blocks ?? []).filter(block => !block.open_for.includes(me));
    hosts = new Set(mine.flatMap(block => block.hosts));
    current = doc?.id ?? "";
    extension = doc?.extension ?? "";
    if (settled) {
      safely(filter);
      safely(settings);
      safely(automation);
      extend().catch(Cu.reportError);
    }
  }

  // Asks for a blocked page as any page would; the request is refused before anything leaves.
  function attempt() {
    const host = [...hosts][0];
    if (!host) {
      return Promise.resolve(true);
    }
    return new Promise(resolve => {
      const { NetUtil } = ChromeUtils.importESModule("resource://gre/modules/NetUtil.sys.mjs");
      const channel = NetUtil.newChannel({ uri: "https://" + host + "/", loadUsingSystemPrincipal: true });
      channel.loadFlags |= Ci.nsIChannel.LOAD_ANONYMOUS | Ci.nsIRequest.LOAD_BYPASS_CACHE;
      channel.asyncOpen({
        QueryInterface: ChromeUtils.generateQI(["nsIStreamListener", "nsIRequestObserver"]),
        onStartRequest() {},
        onDataAvailable(request) {
          request.cancel(Cr.NS_ERROR_ABORT);
        },
        onStopRequest: (request, status) => resolve(status == Cr.NS_ERROR_BLOCKED_BY_POLICY),
      });
    });
  }

  function whole() {
    return hosts.size == 0 ? !held : settled && held && held.every(one => Services.prefs.prefIsLocked(one.name));
  }

  async function answer(to) {
    const id = current;
    const refused = await attempt().catch(() => false);
    if (id == current && to == link) {
      const text = JSON.stringify({ holds: id, hosts: hosts.size, refused: Boolean(refused && whole()) }) + "\n";
      to.out.write(text, text.length);
    }
  }

  function lines(to, text) {
    to.text += text;
    for (let end = to.text.indexOf("\n"); end >= 0; end = to.text.indexOf("\n")) {
      const line = to.text.slice(0, end);
      to.text = to.text.slice(end + 1);
      take(JSON.parse(line));
      answer(to).catch(Cu.reportError);
    }
  }

  function lost(to) {
    if (to == link) {
      link = null;
      to.transport.close(Cr.NS_OK);
      retry();
    }
  }

  function listen(to) {
    to.input.asyncWait({
      onInputStreamReady(stream) {
        let text;
        try {
          const reader = Cc["@mozilla.org/scriptableinputstream;1"].createInstance(Ci.nsIScriptableInputStream);
          reader.init(stream);
          text = reader.read(stream.available());
        } catch (error) {
          lost(to);
          return;
        }
        tries = 0;
        safely(lines, to, text);
        listen(to);
      },
    }, 0, 0, Services.tm.mainThread);
  }

  function connect() {
    const service = Cc["@mozilla.org/network/socket-transport-service;1"].getService(Ci.nsISocketTransportService);
    const transport = service.createUnixDomainTransport(fileAt(SOCKET));
    const input = transport.openInputStream(0, 0, 0).QueryInterface(Ci.nsIAsyncInputStream);
    link = { transport, input, out: transport.openOutputStream(0, 0, 0), text: "" };
    listen(link);
  }

  function retry() {
    if (ending) {
      return;
    }
    tries += 1;
    waiting = after(connect, tries > RETRIES ? RARELY_MS : RETRY_MS[Math.min(tries, RETRY_MS.length) - 1]);
  }

  // Starting --------------------------------------------------------------------------------------------------------

  const life = {
    observe(subject, topic) {
      if (topic == "profile-after-change") {
        safely(automation);
      } else if (topic == "final-ui-startup") {
        Services.tm.dispatchToMainThread(() => {
          settled = true;
          take(documentAt(LOCK));
          safely(connect);
        });
      } else {
        ending = true;
        link?.transport.close(Cr.NS_OK);
      }
    },
  };

  // The settings file of another vendor goes on holding: read as the browser would have read it.
  function chain(other) {
    const bytes = bytesOf(other.path);
    let text = "";
    for (let i = 0; i < bytes.length; i++) {
      text += String.fromCharCode((bytes.charCodeAt(i) - other.shift) & 0xff);
    }
    const system = Services.scriptSecurityManager.getSystemPrincipal();
    const box = Cu.Sandbox(system, { sandboxName: other.path, sandboxPrototype: scope, wantComponents: true });
    Cu.evalInSandbox("//" + decodeURIComponent(escape(text)), box, "latest", other.path, 1);
  }

  safely(() => {
    take(documentAt(LOCK));
    Services.obs.addObserver(requests, "http-on-modify-request");
    for (const topic of ["profile-after-change", "final-ui-startup", "quit-application"]) {
      Services.obs.addObserver(life, topic);
    }
  });
  THEIRS.forEach(other => safely(chain, other));
})(this);
