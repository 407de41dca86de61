#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A person at a desktop session: starts holdfast-desk, and sees and does what a screen reader can, by AT-SPI.

Started by test_desk.py as an ordinary user inside dbus-run-session; one JSON command a line on standard input, one answer a
line on standard output.
"""
import json
import os
import signal
import subprocess
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402  (its version has just been named)

from common import ENOUGH, REACHED, child_of

NOTIFICATIONS = """<node><interface name="org.freedesktop.Notifications">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/><arg type="i" direction="in"/>
<arg type="u" direction="out"/></method><method name="CloseNotification"><arg type="u" direction="in"/></method>
<signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal></interface></node>"""
STATES = {"showing": Atspi.StateType.SHOWING, "focusable": Atspi.StateType.FOCUSABLE, "focused": Atspi.StateType.FOCUSED,
          "sensitive": Atspi.StateType.SENSITIVE, "editable": Atspi.StateType.EDITABLE}
BORING = {"filler", "panel", "scroll pane", "scroll bar", "viewport", "separator"}


class Person:
    """What this person has heard, and their window."""

    def __init__(self):
        self.desk, self.heard, self.notified, self.bus = None, [], [], None
        self.listener = Atspi.EventListener.new(self._on_event)
        self.listener.register("object:state-changed:showing")

    def _on_event(self, event):
        try:
            if event.source.get_role() == Atspi.Role.NOTIFICATION and event.detail1:
                self.heard.append(self._text(event.source))
        except GLib.Error:  # it has gone in this moment
            pass

    def notifications(self, _):
        """From now on this session has a service that shows notifications: this one."""
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        interface = Gio.DBusNodeInfo.new_for_xml(NOTIFICATIONS).interfaces[0]
        self.bus.register_object("/org/freedesktop/Notifications", interface, self._on_notify, None, None)
        Gio.bus_own_name_on_connection(self.bus, interface.name, Gio.BusNameOwnerFlags.NONE, None, None)
        return True

    def _on_notify(self, _bus, _sender, _path, _interface, method, parameters, call):
        if method == "Notify":
            self.notified.append(parameters.unpack()[3:6])
        call.return_value(GLib.Variant("(u)", (len(self.notified),)) if method == "Notify" else None)

    def notified_so_far(self, _):
        return self.notified

    def choose_notification(self, _):
        """The person presses the newest one."""
        return self.bus.emit_signal(None, "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "ActionInvoked",
                                    GLib.Variant("(us)", (len(self.notified), "default")))

    @staticmethod
    def _text(node):
        text = node.get_text_iface()
        return Atspi.Text.get_text(text, 0, -1) if text else node.get_name() or ""

    def start(self, command):
        with open(command["log"], "ab") as log:
            self.desk = subprocess.Popen(command["argv"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **REACHED})
        return self.desk.pid

    def end(self, command):
        self.desk.send_signal(command.get("how", signal.SIGTERM))
        return self.desk.wait(ENOUGH)

    def ended(self, _):
        return self.desk.poll()

    def run(self, command):
        done = subprocess.run(command["argv"], capture_output=True, text=True, timeout=ENOUGH, check=False, stdin=subprocess.DEVNULL)
        return [done.returncode, done.stdout + done.stderr]

    def _windows(self):
        root = Atspi.get_desktop(0)
        for i in range(root.get_child_count()):
            app = root.get_child_at_index(i)
            if app and self.desk and app.get_process_id() == child_of(self.desk.pid):
                return [app.get_child_at_index(j) for j in range(app.get_child_count())]
        return []

    def _walk(self, node, deep=0):
        if node is None or deep > 30:
            return
        yield node
        for i in range(node.get_child_count()):
            yield from self._walk(node.get_child_at_index(i), deep + 1)

    def _nodes(self):
        for window in self._windows():
            if window and window.get_state_set().contains(Atspi.StateType.SHOWING):
                for node in self._walk(window):
                    if node.get_state_set().contains(Atspi.StateType.VISIBLE):
                        yield node

    def _row(self, node):
        states = node.get_state_set()
        box = node.get_component_iface().get_extents(Atspi.CoordType.WINDOW) if node.get_component_iface() else None
        row = {"role": node.get_role_name(), "name": node.get_name() or "", "text": self._text(node),
               "box": [box.x, box.y, box.width, box.height] if box else None}
        return {**row, **{name: states.contains(state) for name, state in STATES.items()}}

    def look(self, _):
        """Everything of the window that is there for a screen reader, in its order."""
        rows = [self._row(node) for node in self._nodes()]
        return [row for row in rows if row["role"] not in BORING]

    def heard_so_far(self, _):
        return self.heard

    def _find(self, command):
        for node in self._nodes():
            if command["name"] in (node.get_name() or "") and node.get_role_name() == command.get("role", "push button"):
                return node
        return None

    def press(self, command):
        node = self._find(command)
        return bool(node) and Atspi.Action.do_action(node.get_action_iface(), 0)

    def type(self, command):
        node = self._find(command)
        return bool(node) and Atspi.EditableText.set_text_contents(node.get_editable_text_iface(), command["text"])

    def focus(self, command):
        node = self._find(command)
        return bool(node) and Atspi.Component.grab_focus(node.get_component_iface())

    def attributes(self, command):
        """(offset of the run, its end, its attributes) of the text at this offset."""
        node = self._find(command)
        return list(Atspi.Text.get_attribute_run(node.get_text_iface(), command["at"], False)) if node else None


def main():
    person, loop = Person(), GLib.MainLoop()
    pending = b""

    def on_line(_, condition):
        nonlocal pending
        data = os.read(0, 65536)
        if not data:
            loop.quit()
            return False
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            command = json.loads(line)
            try:
                answer = getattr(person, command["do"])(command)
            except GLib.Error as gone:
                answer = {"gone": str(gone)}
            print("answer", json.dumps(answer), flush=True)
        return True
    GLib.io_add_watch(0, GLib.IO_IN | GLib.IO_HUP, on_line)
    loop.run()
    if person.desk and person.desk.poll() is None:
        person.desk.kill()


if __name__ == "__main__":
    sys.exit(main())
