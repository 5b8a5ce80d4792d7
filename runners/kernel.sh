#!/usr/bin/env bash
# The bash kernel: runs cells in this very shell and answers on channels 3 and 4 (docs/kernels.md).
#
# A cell is sourced, not called, so that `declare` means the shell's own variables. While it runs, the channels are
# closed; bash keeps them for itself above 10, where no program inherits them. To end a cell early (`exit`, SIGINT)
# the DEBUG trap makes every function and the cell itself return.

set -- # its own arguments only tell kernels apart
__sbx_count=0
__sbx_stop=""
__sbx_pending=""
__sbx_running=""
exec {__sbx_in}<&3 {__sbx_out}>&4 3<&- 4>&-

# __sbx_unquote TEXT: the JSON string's value, in __sbx_text. Fails where a shell can't hold it.
__sbx_unquote() {
    local escaped=$1 high low
    [[ $escaped != *\\* ]] && { __sbx_text=$escaped; return 0; }
    [[ $escaped =~ (^|[^\\])(\\\\)*\\u0000 ]] && return 1
    while [[ $escaped =~ \\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2}) ]]; do
        high=$((16#${BASH_REMATCH[1]})) low=$((16#${BASH_REMATCH[2]}))
        printf -v low '\\U%08x' $((0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff)))
        escaped=${escaped//"${BASH_REMATCH[0]}"/$low}
    done
    escaped=${escaped//\\\\/\\0134} # printf's own way to say a backslash, so that what is left of them are escapes
    escaped=${escaped//\\\//\/}
    escaped=${escaped//\\\"/\"}
    printf -v __sbx_text '%b' "$escaped"
}

# __sbx_quote TEXT: a JSON string, in __sbx_text.
__sbx_quote() {
    local text=$1 code character
    if ! [[ $text =~ ^([[:print:]]|[[:space:]])*$ ]]; then # control characters, or no UTF-8
        local LC_ALL=C
        printf -v text '%q' "$text"
    fi
    text=${text//\\/\\\\}
    text=${text//\"/\\\"}
    text=${text//$'\n'/\\n}
    text=${text//$'\r'/\\r}
    text=${text//$'\t'/\\t}
    for code in 0b 0c; do
        printf -v character '%b' "\\x$code"
        text=${text//"$character"/\\u00$code}
    done
    __sbx_text="\"$text\""
}

# __sbx_field NAME: the string's escaped text, in __sbx_text; fails without one.
__sbx_field() {
    local pattern="\"$1\"[[:space:]]*:[[:space:]]*\"(([^\"\\\\]|\\\\.)*)\""
    [[ $__sbx_rest =~ $pattern ]] || return 1
    __sbx_text=${BASH_REMATCH[1]}
}

__sbx_say() { printf '%s\n' "$1" >&"$__sbx_out" || builtin exit 70; }

__sbx_done() { # STATUS [EXIT_CODE]
    __sbx_say "{\"type\":\"done\",\"id\":$__sbx_id,\"status\":\"$1\",\"execution_count\":$__sbx_count${2:+,\"exit_code\":$2}}"
}

__sbx_refuse() {
    local text=$1
    __sbx_quote "$text"
    __sbx_say "{\"type\":\"error\",\"id\":$__sbx_id,\"name\":\"ProtocolError\",\"value\":$__sbx_text,\"traceback\":$__sbx_text,\"frames\":[]}"
    __sbx_done error
}

__sbx_variables() { # NAMES
    local __sbx_v_name __sbx_v_value __sbx_v_kind __sbx_v_entry
    local __sbx_v_all="" __sbx_v_separator="" __sbx_v_number=0 __sbx_v_cut=false
    for __sbx_v_name in $1; do
        [[ $__sbx_v_name == __sbx_* || $__sbx_v_name == _ || " $__sbx_initial " == *" $__sbx_v_name "* ]] && continue
        ((++__sbx_v_number > 500)) && { __sbx_v_cut=true; break; }
        [[ $(declare -p "$__sbx_v_name" 2>/dev/null) =~ ^declare\ (-[^ ]*) ]] || continue
        case ${BASH_REMATCH[1]} in
            *A*) __sbx_v_kind="associative array" ;;
            *a*) __sbx_v_kind=array ;;
            *i*) __sbx_v_kind=integer ;;
            *) __sbx_v_kind=string ;;
        esac
        if [[ $__sbx_v_kind == *array ]]; then
            __sbx_v_value=$(declare -p "$__sbx_v_name")
            __sbx_v_value=${__sbx_v_value#*=}
            declare -n __sbx_named=$__sbx_v_name
            __sbx_v_entry=",\"length\":${#__sbx_named[@]}"
            unset -n __sbx_named
        else
            __sbx_v_value=${!__sbx_v_name}
            __sbx_v_entry=",\"length\":${#__sbx_v_value}"
            [[ $__sbx_v_kind == integer ]] && __sbx_v_entry=""
        fi
        ((${#__sbx_v_value} > 200)) && { __sbx_v_value=${__sbx_v_value:0:200}; __sbx_v_entry+=',"truncated":true'; }
        __sbx_quote "$__sbx_v_value"
        __sbx_v_all+="$__sbx_v_separator{\"name\":\"$__sbx_v_name\",\"type\":\"$__sbx_v_kind\",\"repr\":$__sbx_text$__sbx_v_entry}"
        __sbx_v_separator=,
    done
    __sbx_say "{\"type\":\"variables\",\"id\":$__sbx_id,\"variables\":[$__sbx_v_all],\"truncated\":$__sbx_v_cut}"
}

__sbx_complete() { # CODE CURSOR
    local before=${1:0:$2} word match all="" separator=""
    local -a action
    word=${before##*[[:space:]\;\|\&\(\)]}
    case $word in
        \$*) action=(-v -P \$ -- "${word#\$}") ;;
        */* | \~* | .*) action=(-f -- "$word") ;;
        *) if [[ ${before%"$word"} =~ (^|[\;\|\&\(])[[:space:]]*$ ]]; then action=(-c -- "$word"); else action=(-f -- "$word"); fi ;;
    esac
    while IFS= read -r match; do
        __sbx_quote "$match"
        all+=$separator$__sbx_text separator=,
    done < <(compgen "${action[@]}" | grep -v '__sbx_' | LC_ALL=C sort -u | head -n 500)
    __sbx_say "{\"type\":\"completions\",\"id\":$__sbx_id,\"matches\":[$all],\"start\":$((${#before} - ${#word})),\"end\":${#before}}"
}

__sbx_is_complete() { # CODE
    local said status=complete
    if ! said=$(bash -n <<<"$1" 2>&1) || [[ $said == *"here-document"* ]]; then
        status=invalid
        [[ $said == *"unexpected end of file"* || $said == *"unexpected EOF"* || $said == *"here-document"* ]] && status=incomplete
    elif [[ $1 == *\\ ]]; then
        status=incomplete
    fi
    __sbx_say "{\"type\":\"completeness\",\"id\":$__sbx_id,\"status\":\"$status\",\"indent\":\"\"}"
}

# In the DEBUG trap: 2 makes whatever belongs to a cell return.
__sbx_leave() { [[ " ${BASH_SOURCE[*]} " == *" /dev/fd/9 "* ]] && return 2; return 0; }

__sbx_end_cell() {
    __sbx_stop=$1
    shopt -s extdebug
    trap __sbx_leave DEBUG
}

# Ends the cell, not the kernel; in a subshell it ends that.
exit() {
    local status=${1:-$?}
    ((BASH_SUBSHELL)) && builtin exit "$status"
    [[ $status =~ ^-?[0-9]+$ ]] || { echo "exit: $status: numeric argument required" >&2; status=2; }
    __sbx_end_cell $((status & 255))
}

__sbx_interrupt() {
    ((BASH_SUBSHELL)) && builtin exit 130
    if [[ $__sbx_running ]]; then
        __sbx_end_cell INT
    elif [[ ${__sbx_line-} ]] || read -r -t 0 <&"$__sbx_in"; then # of __sbx_next: a request that has come
        __sbx_pending=1
    fi
}

__sbx_finish() { # STATUS
    local status=$1
    __sbx_running=""
    trap __sbx_interrupt INT
    case $__sbx_stop in
        INT) __sbx_done interrupted 130 ;;
        "") if ((status)); then __sbx_done error "$status"; else __sbx_done ok 0; fi ;;
        0) __sbx_done ok 0 ;;
        *) __sbx_done error "$__sbx_stop" ;;
    esac
    __sbx_stop="" __sbx_pending=""
}

# __sbx_next: reads requests and answers them; returns 0 with a cell in __sbx_code, 1 at the end.
__sbx_next() {
    local __sbx_names __sbx_line __sbx_kind __sbx_cursor LC_ALL=C.UTF-8 IFS=$' \t\n'
    while :; do
        __sbx_line=""
        until IFS= read -r __sbx_line <&"$__sbx_in"; do
            (($? > 128)) && continue # a signal; bash keeps no part of a line, and requests are written whole
            [[ $__sbx_line ]] || return 1
            break
        done
        [[ $__sbx_line ]] || continue
        __sbx_rest=$__sbx_line __sbx_id=null
        __sbx_field id && ((${#__sbx_text} <= 128)) && __sbx_id="\"$__sbx_text\""
        if [[ $__sbx_line != "{"*"}" ]] || ! __sbx_field type; then
            __sbx_refuse "not a request"
            continue
        fi
        __sbx_kind=$__sbx_text
        if [[ $__sbx_kind == execute || $__sbx_kind == complete || $__sbx_kind == is_complete ]]; then
            __sbx_field code || { __sbx_refuse "not a request: code isn't a string"; continue; }
            __sbx_unquote "$__sbx_text" || { __sbx_refuse "a null byte, which no shell can hold"; continue; }
            __sbx_code=$__sbx_text
        fi
        case $__sbx_kind in
            execute)
                __sbx_stdin="" __sbx_own_stdin=""
                if __sbx_field stdin && __sbx_unquote "$__sbx_text"; then __sbx_stdin=$__sbx_text; fi
                [[ $__sbx_line =~ \"stdin\"[[:space:]]*:[[:space:]]*true ]] && __sbx_own_stdin=1
                ((++__sbx_count))
                return 0
                ;;
            variables)
                __sbx_names=$(compgen -A variable)
                __sbx_variables "$__sbx_names"
                __sbx_done ok
                ;;
            complete)
                __sbx_cursor=${#__sbx_code}
                [[ $__sbx_line =~ \"cursor\"[[:space:]]*:[[:space:]]*([0-9]+) ]] && __sbx_cursor=${BASH_REMATCH[1]}
                __sbx_complete "$__sbx_code" "$__sbx_cursor"
                __sbx_done ok
                ;;
            is_complete) __sbx_is_complete "$__sbx_code"; __sbx_done ok ;;
            shutdown) __sbx_done ok; return 1 ;;
            *) __sbx_refuse "no such request: $__sbx_kind" ;;
        esac
    done
}

__sbx_initial=""
__sbx_initial="$(compgen -A variable | tr '\n' ' ') BASH_REMATCH FUNCNAME LC_ALL IFS PIPESTATUS OLDPWD OPTARG"
trap __sbx_interrupt INT
: "${__sbx_own_stdin=}" "${__sbx_stdin=}" "${__sbx_code=}" "${__sbx_id=}"

# At the top level, in no function: what a cell declares stays. The `||` keeps `set -e` from ending the shell, and a
# cell's stray `break` leaves only some of the loops.
# shellcheck disable=SC1091  # the cell
while :; do
    while :; do
        while { [[ ! $__sbx_running ]] || __sbx_finish 0; } && __sbx_next; do
            __sbx_running=1 __sbx_status=0
            if [[ $__sbx_pending ]]; then
                __sbx_pending="" __sbx_stop=INT
            elif [[ $__sbx_own_stdin ]]; then
                . /dev/fd/9 9<<<"$__sbx_code" {__sbx_in}<&- {__sbx_out}>&- || { __sbx_status=$?; } 2>/dev/null
            elif [[ $__sbx_stdin ]]; then
                . /dev/fd/9 9<<<"$__sbx_code" {__sbx_in}<&- {__sbx_out}>&- < <(printf %s "$__sbx_stdin") || { __sbx_status=$?; } 2>/dev/null
            else
                . /dev/fd/9 9<<<"$__sbx_code" {__sbx_in}<&- {__sbx_out}>&- </dev/null || { __sbx_status=$?; } 2>/dev/null
            fi
            { set +ex; trap - DEBUG; shopt -u extdebug; } 2>/dev/null
            __sbx_finish "$__sbx_status"
        done
        [[ $__sbx_running ]] || break 2
        __sbx_finish 0
    done
    __sbx_finish 0
done
