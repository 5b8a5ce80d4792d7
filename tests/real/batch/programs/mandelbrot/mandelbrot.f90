program mandelbrot
    implicit none
    integer, parameter :: n = 96
    character(len=*), parameter :: newline = new_line('a')
    integer :: out, x, y, i, byte

    open (newunit=out, file='/dev/stdout', access='stream', form='unformatted', status='old', action='write')
    write (out) 'P4' // newline // '96 96' // newline
    do y = 0, n - 1
        do x = 0, n - 1, 8
            byte = 0
            do i = x, x + 7
                byte = 2 * byte + merge(1, 0, stays(cmplx(2d0 * i / n - 1.5d0, 2d0 * y / n - 1, kind=8)))
            end do
            write (out) achar(byte)
        end do
    end do

contains

    pure logical function stays(c)
        complex(8), intent(in) :: c
        complex(8) :: z
        integer :: step
        z = 0
        do step = 1, 50
            z = z * z + c
            stays = real(z)**2 + aimag(z)**2 <= 4
            if (.not. stays) return
        end do
    end function
end program
