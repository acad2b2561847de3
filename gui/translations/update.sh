#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Brings the translations up to what the monitor's code says: adds new texts as unfinished, drops those that are gone.
#
#   gui/translations/update.sh [folder of the .ts files [further sources…]]
#
# What it adds is then to be translated, with Qt's Linguist or an editor; the test gui_translations says what is missing.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$top/gui/translations}
[ $# -eq 0 ] || shift
lupdate=${EXPORTER_PROXY_LUPDATE:-$(command -v lupdate-qt6 || echo /usr/lib/qt6/bin/lupdate)}

# -I: without the headers it takes a text's class to be outside of its namespace, and nothing of it is found when the
# program runs. Without locations a .ts file changes only with the texts.
cd "$top"
set -- gui "$@" -I "$top" -no-obsolete -locations none -source-language en_US
"$lupdate" "$@" -target-language de -ts "$folder/exporter-proxy-monitor_de.ts"
# English is in the code already, but for plurals.
"$lupdate" "$@" -target-language en_US -pluralonly -ts "$folder/exporter-proxy-monitor_en.ts"
