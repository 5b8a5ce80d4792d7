sequence=GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC
seed=42

# letters SHARE...: each letter as often as the number after it says
letters() {
    local share i
    for share; do
        for ((i = 0; i < ${share:1}; i++)); do printf %s "${share:0:1}"; done
    done
}

# draw LETTERS COUNT: into `drawn`
draw() {
    local i
    drawn=
    for ((i = 0; i < $2; i++)); do
        seed=$(((seed * 1366 + 150889) % 714025))
        drawn+=${1:seed * 100 / 714025:1}
    done
}

record() {
    echo ">$1"
    fold -w 60 <<<"$2"
}

codes=$(letters a27 c12 g12 t27 {B,D,H,K,M,N,R,S,V,W,Y}2)
bases=$(letters a30 c20 g20 t30)

printf -v repeated "$sequence%.0s" {1..50}
record "ONE repeated" "${repeated:0:2000}"
draw "$codes" 3000
record "TWO drawn from all codes" "$drawn"
draw "$bases" 5000
record "THREE drawn from four bases" "$drawn"
