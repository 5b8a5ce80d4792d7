program n_body
    implicit none
    integer, parameter :: count = 4
    real(8) :: x(3, count) = reshape([0d0, 0d0, 0d0, 5d0, 0d0, 0.2d0, 0d0, 9d0, -0.5d0, -13d0, 0.3d0, 0d0], [3, count])
    real(8) :: v(3, count) = reshape([0d0, 0d0, 0d0, 0d0, 2.8d0, 0d0, -2.1d0, 0d0, 0.1d0, 0d0, -1.7d0, 0.05d0], [3, count])
    real(8), parameter :: mass(count) = [40d0, 0.04d0, 0.01d0, 0.002d0]
    integer :: i

    print '(a)', fixed('(f20.9)', energy())
    do i = 1, 1000
        call advance(0.01d0)
    end do
    print '(a)', fixed('(f20.9)', energy())
    do i = 1, count
        print '(a, 2(" ", a))', fixed('(f20.6)', x(1, i)), fixed('(f20.6)', x(2, i)), fixed('(f20.6)', x(3, i))
    end do

contains

    function fixed(form, number) result(text)
        character(len=*), intent(in) :: form
        real(8), intent(in) :: number
        character(len=:), allocatable :: text
        character(len=20) :: field
        write (field, form) number
        text = trim(adjustl(field))
    end function

    real(8) function energy()
        integer :: a, b
        energy = 0.5d0 * sum(mass * sum(v**2, dim=1))
        do a = 1, count
            do b = a + 1, count
                energy = energy - mass(a) * mass(b) / norm2(x(:, a) - x(:, b))
            end do
        end do
    end function

    subroutine advance(dt)
        real(8), intent(in) :: dt
        real(8) :: d(3)
        integer :: a, b
        do a = 1, count
            do b = a + 1, count
                d = x(:, a) - x(:, b)
                d = d * dt / norm2(d)**3
                v(:, a) = v(:, a) - d * mass(b)
                v(:, b) = v(:, b) + d * mass(a)
            end do
        end do
        x = x + dt * v
    end subroutine
end program
