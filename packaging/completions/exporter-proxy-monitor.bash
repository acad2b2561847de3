# SPDX-License-Identifier: GPL-3.0-or-later
# bash completion for exporter-proxy-monitor(1)
_exporter_proxy_monitor() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    case $previous in
        -platform)
            mapfile -t COMPREPLY < <(compgen -W 'wayland xcb offscreen vnc' -- "$current")
            return
            ;;
        -style)
            mapfile -t COMPREPLY < <(compgen -W 'fusion windows' -- "$current")
            return
            ;;
    esac
    case $current in
        -*) mapfile -t COMPREPLY < <(compgen -W '--version --help -platform -style' -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -A hostname -- "$current") ;;
    esac
}
complete -F _exporter_proxy_monitor exporter-proxy-monitor
