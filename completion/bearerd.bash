# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# bash completion for bearerd: the flags and options that its --help lists.

_bearerd() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  [ "$word" = = ] && word=
  [ "$before" = = ] && before=${COMP_WORDS[COMP_CWORD - 2]}
  case $before in
  -c | --config | --*-file | --control-socket)
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    ;;
  *)
    mapfile -t COMPREPLY < <(compgen -W "$("$1" --help 2>/dev/null |
      grep -o -E '^  (-., )?--[a-z-]+' | grep -o -E -e '--[a-z-]+')" -- "$word")
    ;;
  esac
}
complete -F _bearerd bearerd
