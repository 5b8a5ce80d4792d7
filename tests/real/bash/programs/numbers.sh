#!/usr/bin/env bash
# Arithmetic the long way: bc for digits of pi, a sieve, Collatz, and associative arrays for memory.
set -euo pipefail

echo "scale=60; 4*a(1)" | bc -l | tr -d '\\\n' | cut -c1-62

declare -a composite=()
limit=2000 count=0 last=0
for ((n = 2; n <= limit; n++)); do
    [[ -n ${composite[n]:-} ]] && continue
    count=$((count + 1)) last=$n
    for ((m = n * n; m <= limit; m += n)); do composite[m]=1; done
done
echo "$count primes up to $limit, the last is $last"

declare -A steps=([1]=0)
collatz() {
    local n=$1 path=()
    while [[ -z ${steps[$n]:-} ]]; do
        path+=("$n")
        n=$((n % 2 ? 3 * n + 1 : n / 2))
    done
    local s=${steps[$n]} i
    for ((i = ${#path[@]} - 1; i >= 0; i--)); do steps[${path[i]}]=$((++s)); done
}
longest=1
for ((n = 1; n <= 1500; n++)); do
    collatz "$n"
    ((steps[$n] > steps[$longest])) && longest=$n
done
echo "$longest takes ${steps[$longest]} steps"
printf '%x %o %e %q\n' 255 255 12345.678 'two words'
factor 1234567890 600851475143
