# SPDX-License-Identifier: MIT
# Where an officer's terminal finds the council and their own key.
export HOLDFAST_COUNCIL=/etc/holdfast/council
export HOLDFAST_KEY=$HOME/.holdfast/key.pem
