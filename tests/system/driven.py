# SPDX-License-Identifier: MIT
"""A browser that comes up, however busy the machine is."""
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chromium.remote_connection import ChromiumRemoteConnection
from urllib3.exceptions import HTTPError

from common import ENOUGH, wait_for

STARTS = 3 * ENOUGH  # a driver gives its browser one minute each time


def drive(port, options):
    """A Chromium by the driver at this port. One that does not come up in the driver's minute on a busy machine is asked for anew."""
    why = []

    def asked():
        try:
            return webdriver.Remote(ChromiumRemoteConnection(f"http://127.0.0.1:{port}", "goog", "chrome"), options=options)
        except (HTTPError, WebDriverException) as error:
            why.append(str(error))
            return None
    driver = wait_for(asked, STARTS)
    if not driver:
        raise RuntimeError(f"Chromium does not start: {why[-1]}")
    return driver
