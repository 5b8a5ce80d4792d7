# bc divides whole numbers as long as its scale is 0, and breaks its lines unless told not to.
pi=$(BC_LINE_LENGTH=0 bc <<'EOF'
one = 10 ^ 210
define t(x) {
    auto n, p, s
    p = one / x
    for (n = 0; p > 0; n++) {
        s += (-1) ^ n * (p / (2 * n + 1))
        p /= x * x
    }
    return s
}
16 * t(5) - 4 * t(239)
EOF
)
fold -w 50 <<<"${pi:0:200}"
