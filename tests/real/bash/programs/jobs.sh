#!/usr/bin/env bash
# Child processes: background jobs, signals, traps, pipes and what they return.
set -uo pipefail

trap 'echo "cleaned up"' EXIT

worker() {
    trap 'echo "worker $1 got TERM"; exit 7' TERM
    while :; do sleep 0.01; done
}
worker one &
pid=$!
sleep 0.2
kill -TERM "$pid"
wait "$pid"
echo "worker returned $?"

(kill -KILL $BASHPID) 2>/dev/null
echo "a killed child is $?"
true | false | true
echo "pipeline: ${PIPESTATUS[*]:-} $?"
timeout 0.2 sleep 5
echo "timeout: $?"

mkfifo queue
(for i in 1 2 3; do echo "job $i"; done >queue) &
while read -r line; do echo "took $line"; done <queue
wait

seq 1 20 | xargs -P 4 -I{} expr {} '*' {} | sort -n | paste -sd+ | bc
coproc upper { stdbuf -oL tr a-z A-Z; }
echo "through a co-process" >&"${upper[1]}"
read -r answer <&"${upper[0]}"
echo "$answer"
input=${upper[1]}
exec {input}>&-
wait
