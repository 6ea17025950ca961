"""What the scripts of ``vkauth completion`` have besides what shtab writes: names of stored tokens.

A name may have any letters: zsh and fish quote what they insert, bash does not, so it is given quoted names. Nothing
that comes from the store is ever evaluated.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["STORED_NAMES", "finished"]

# bash takes words apart at "=", ":" and "@". They are put together again, options with a value excepted; and of what
# is found, that is left out which stands before the part that bash replaces. For bash 3.2 as well.
_BASH: Final = r"""
_vkauth_names() {
  printf '%s' "${COMP_LINE:0:COMP_POINT}" | command vkauth completion --names bash 2>/dev/null
}
"""
_BASH_END: Final = r"""

_vkauth_complete() {
  local line="$COMP_LINE" word last=-1 place before
  local -a words
  words=()
  for (( place = 0; place <= COMP_CWORD; place++ )); do
    word="${COMP_WORDS[place]}"
    if (( last < 0 )) || [[ "$line" == [[:space:]]* ]]; then
      words[++last]="$word"
    else
      words[last]+="$word"
    fi
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line#"$word"}"
  done
  local -a COMP_WORDS
  COMP_WORDS=()
  for word in "${words[@]}"; do
    if [[ "$word" == --*=* ]]; then
      COMP_WORDS+=("${word%%=*}" "${word#*=}")
    else
      COMP_WORDS+=("$word")
    fi
  done
  local COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
  word="${COMP_WORDS[COMP_CWORD]}"
  _shtab_vkauth
  before="${word%"$2"}"
  for place in "${!COMPREPLY[@]}"; do
    COMPREPLY[place]="${COMPREPLY[place]#"$before"}"
  done
}

complete -o bashdefault -F _vkauth_complete vkauth
"""
_ZSH: Final = r"""
_vkauth_names() {
  local -a names
  names=("${(@f)$(print -r -- "${(j: :)words[1,CURRENT]}" | command vkauth completion --names zsh 2>/dev/null)}")
  names=("${(@)names:#}")
  (( $#names )) && compadd -a names
}
"""
_FISH: Final = r"""
function _vkauth_names
  commandline -cp | command vkauth completion --names fish 2>/dev/null
end
"""

STORED_NAMES: Final[dict[str, object]] = {
    "bash": "_vkauth_names",
    "zsh": "_vkauth_names",
    "fish": "(_vkauth_names)",
    "preamble": {"bash": _BASH, "zsh": _ZSH, "fish": _FISH},
}
"""How shtab has the names completed."""

_VALUED: Final = re.compile(r'^( *+"\*?--[\w-]++)(\[(?:[^\]\\]++|\\.)*+\]:)', re.MULTILINE)


def finished(script: str, shell: str) -> str:
    """What shtab wrote, and what it leaves out: ``--option=value``, and in zsh all arguments but the first."""
    if shell == "bash":
        return script + _BASH_END
    if shell == "zsh":
        return _VALUED.sub(r"\1=\2", script).replace('"(*)::', '"*:')
    return script
