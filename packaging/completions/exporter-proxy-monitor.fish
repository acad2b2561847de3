# SPDX-License-Identifier: GPL-3.0-or-later
# fish completion for exporter-proxy-monitor(1)
complete -c exporter-proxy-monitor -f -a '(__fish_print_hostnames)' -d 'Address of a daemon'
complete -c exporter-proxy-monitor -l version -d 'Print the version'
complete -c exporter-proxy-monitor -l help -d 'Print a summary of the options'
complete -c exporter-proxy-monitor -o platform -x -a 'wayland xcb offscreen vnc' -d 'Show the window by this plugin of Qt'
complete -c exporter-proxy-monitor -o style -x -a 'fusion windows' -d 'Draw the window in this style of Qt'
