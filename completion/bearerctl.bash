# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# bash completion for bearerctl: commands, options, and the names of the tokens
# that the running bearerd has.

# complete_names PROGRAM OPTION...: one second at most, and nothing when nobody
# answers.
_bearerctl_names() {
  "$@" --timeout=1 --json status 2>/dev/null |
    grep -o '"name":"[^"]*"' | cut -d '"' -f 4
}

# Go through the words before the one that is completed: what the command is,
# which option still wants its value, and where the daemon is said to be.  Bash
# makes three words of --option=value.
_bearerctl_read() {
  local i
  command='' wanting='' where=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [ "${COMP_WORDS[i]}" = = ]; then
      continue
    elif [ -n "$wanting" ]; then
      [[ $wanting == -c || $wanting == --c* || $wanting == --s* ]] &&
        where+=("$wanting" "${COMP_WORDS[i]}")
      wanting=''
      continue
    fi
    case ${COMP_WORDS[i]} in
    -c | -t | --config | --control-socket | --shm-name | --timeout) wanting=${COMP_WORDS[i]} ;;
    -*) ;;
    *) command=${command:-${COMP_WORDS[i]}} ;;
    esac
  done
}

_bearerctl() {
  local word=${COMP_WORDS[COMP_CWORD]} command wanting where words=''
  [ "$word" = = ] && word=
  _bearerctl_read
  case $wanting,$command in
  -c,* | --config,* | --control-socket,*)
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return
    ;;
  -*,*) ;;
  ,get | ,renew) words=$(_bearerctl_names "$1" "${where[@]}") ;;
  ,) words='status check get renew reload' ;;
  esac
  [[ $word == -* && -z $wanting ]] &&
    words='--config --control-socket --shm-name --json --timeout
      --version --help'
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _bearerctl bearerctl
