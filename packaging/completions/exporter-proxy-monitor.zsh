#compdef exporter-proxy-monitor
# SPDX-License-Identifier: GPL-3.0-or-later
# zsh completion for exporter-proxy-monitor(1)
_arguments \
    '(-)--version[print the version]' \
    '(-)--help[print a summary of the options]' \
    '-platform[show the window by this plugin of Qt]:platform:(wayland xcb offscreen vnc)' \
    '-style[draw the window in this style of Qt]:style:(fusion windows)' \
    '*:address of a daemon:_hosts'
