program spectral_norm
    implicit none
    integer, parameter :: n = 100
    real(8) :: a(n, n), u(n) = 1, v(n)
    integer :: i, j

    do concurrent (i = 1:n, j = 1:n)
        a(i, j) = 1d0 / ((i + j - 2) * (i + j - 1) / 2 + i)
    end do
    do i = 1, 10
        v = matmul(transpose(a), matmul(a, u))
        u = matmul(transpose(a), matmul(a, v))
    end do
    print '(f11.9)', sqrt(dot_product(u, v) / dot_product(v, v))
end program
