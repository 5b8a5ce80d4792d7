n <- 100
a <- outer(0:(n - 1), 0:(n - 1), function(i, j) 1 / ((i + j) * (i + j + 1) / 2 + i + 1))
both <- function(v) crossprod(a, a %*% v)

u <- rep(1, n)
for (i in 1:10) {
    v <- both(u)
    u <- both(v)
}
cat(sprintf("%.9f\n", sqrt(sum(u * v) / sum(v * v))))
