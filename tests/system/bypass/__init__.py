# SPDX-License-Identifier: MIT
"""Attempts of an ordinary user to post while a lockdown is in force, each a row with its expected end; see ../test_bypass.py."""
